//! Typing with a pause after each sign, as a person does it.

use std::time::Duration;

use super::Tab;
use super::page_error::PageError;

impl Tab {
    /// Types text sign by sign with a pause between them. Signs of several characters stay whole.
    pub async fn type_slowly(&self, text: &str, delay: Duration) -> Result<(), PageError> {
        let text = text.replace("\r\n", "\n");
        for (at, sign) in signs(&text).into_iter().enumerate() {
            if at > 0 {
                tokio::time::sleep(delay).await;
            }
            self.type_text(sign).await?;
        }
        Ok(())
    }
}

/// The signs of a text: accents, skin tones and parts of joined pictures belong to what stands before them.
fn signs(text: &str) -> Vec<&str> {
    let mut starts = Vec::new();
    let (mut joined, mut flag) = (false, false);
    for (at, char) in text.char_indices() {
        let is_flag = ('\u{1f1e6}'..='\u{1f1ff}').contains(&char);
        let follows = joined || continues(char) || (is_flag && flag);
        if !follows || at == 0 {
            starts.push(at);
        }
        // Flags are pairs of letters.
        flag = is_flag && !(follows && flag);
        joined = char == '\u{200d}';
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect()
}

fn continues(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{200d}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::signs;

    #[test]
    fn signs_stay_whole() {
        assert_eq!(signs("aé"), ["a", "é"]);
        assert_eq!(signs("e\u{301}x"), ["e\u{301}", "x"]);
        assert_eq!(signs("👩\u{200d}💻👍🏽!"), ["👩\u{200d}💻", "👍🏽", "!"]);
        assert_eq!(signs("🇵🇱🇩🇪"), ["🇵🇱", "🇩🇪"]);
        assert_eq!(signs("\u{301}"), ["\u{301}"]);
        assert_eq!(signs(""), [""; 0]);
    }
}
