//! What a page says, as Markdown: made here from the plain HTML that each frame's world writes of what is drawn.

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::Tab;
use super::page_error::PageError;
use super::world::patience;

/// Stand for a frame's page in its parent's HTML; `js/article.js` writes them.
const FRAME: [char; 2] = ['\u{e000}', '\u{e001}'];
/// HTML of a frame for each character of Markdown that is asked for, and the most of it.
const HTML: (usize, usize) = (8, 8 << 20);
/// Frames inside frames that are read.
const DEEPEST: usize = 8;

/// What is wanted of a page's text.
#[derive(Clone, Copy, Debug)]
pub struct ArticleOptions {
    /// Only the main part, without navigation and the like.
    pub main_only: bool,
    /// Characters at most.
    pub max_chars: usize,
}

/// A page's text.
#[derive(Clone, Debug, Serialize)]
pub struct Article {
    /// The text as Markdown.
    pub markdown: String,
    /// How many characters it has.
    pub characters: usize,
    /// Whether some of the page is left out for its length.
    pub truncated: bool,
}

/// A frame's own part.
#[derive(Deserialize)]
struct Part {
    html: String,
    truncated: bool,
}

impl Tab {
    /// What the page says, frames and shadow trees included, as Markdown. What is not drawn and what fields hold is left
    /// out.
    pub async fn article(&self, options: ArticleOptions) -> Result<Article, PageError> {
        let frames = self.frames();
        self.find_closed_roots(&frames).await;
        let owners = self.owners_by_parent(&frames).await;
        let limit = options.max_chars.saturating_mul(HTML.0).min(HTML.1);
        let asks = frames.iter().zip(&owners).map(|(frame, owners)| async move {
            let numbers: Vec<u64> = owners.iter().map(|(_, number)| *number).collect();
            let args = (options.main_only && frame.parent.is_none(), numbers, limit);
            self.world_call::<Part>(frame, "article", &args, patience(frame)).await
        });
        let mut parts = Vec::with_capacity(frames.len());
        for (position, answer) in join_all(asks).await.into_iter().enumerate() {
            match answer {
                Ok(part) => parts.push(Some(part)),
                Err(error) if position == 0 => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, "a frame is not in the page's text");
                    parts.push(None);
                }
            }
        }
        let truncated = parts.iter().flatten().any(|part| part.truncated);
        let html = composed(&parts, &owners, 0, 0);
        let written = tokio::task::spawn_blocking(move || written(&html, options.max_chars)).await;
        let (markdown, cut) = written.map_err(|error| PageError::Script {
            message: format!("the page's text could not be put into Markdown ({error})"),
            line: None,
        })?;
        Ok(Article {
            characters: markdown.chars().count(),
            truncated: truncated || cut,
            markdown,
        })
    }
}

/// The HTML of a frame with those of its child frames in their places.
fn composed(parts: &[Option<Part>], owners: &[Vec<(usize, u64)>], at: usize, depth: usize) -> String {
    let Some(part) = parts[at].as_ref().filter(|_| depth <= DEEPEST) else {
        return String::new();
    };
    let mut html = String::with_capacity(part.html.len());
    let mut rest = part.html.as_str();
    while let Some((before, after)) = rest.split_once(FRAME[0]) {
        html.push_str(before);
        let Some((number, after)) = after.split_once(FRAME[1]) else {
            break;
        };
        let child = number.parse().ok().and_then(|n: usize| owners[at].get(n));
        if let Some((child, _)) = child {
            html.push_str(&composed(parts, owners, *child, depth + 1));
        }
        rest = after;
    }
    html.push_str(rest);
    html
}

/// The Markdown, and whether it was cut.
fn written(html: &str, max_chars: usize) -> (String, bool) {
    let options = htmd::options::Options {
        bullet_list_marker: htmd::options::BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        hr_style: htmd::options::HrStyle::Dashes,
        ..Default::default()
    };
    let converter = htmd::HtmlToMarkdown::builder().options(options).build();
    let text = converter.convert(html).unwrap_or_default();
    let mut lines = String::with_capacity(text.len());
    for line in text.trim().lines() {
        // Two spaces at the end are a line break.
        let end = if line.ends_with("  ") && !line.trim().is_empty() {
            "  "
        } else {
            ""
        };
        lines.push_str(line.trim_end());
        lines.push_str(end);
        lines.push('\n');
    }
    let mut text = lines.trim_end().to_owned();
    while text.contains("\n\n\n\n") {
        text = text.replace("\n\n\n\n", "\n\n");
    }
    cut(text, max_chars)
}

/// At the end of a line, if one ends in the last part.
fn cut(mut text: String, max_chars: usize) -> (String, bool) {
    let Some((end, _)) = text.char_indices().nth(max_chars) else {
        return (text, false);
    };
    text.truncate(end);
    if let Some(line) = text.rfind('\n').filter(|line| *line > end / 2) {
        text.truncate(line);
    }
    (text, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_kept() {
        let html = "<h1>T</h1><p>a <a href=\"http://x/y\">l</a></p><ul><li>one<ul><li>two</li></ul></li></ul>\
            <pre><code class=\"language-rust\">fn x() {}\n\n\n\nlet y;</code></pre>\
            <table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>x | y</td></tr></tbody></table>";
        let (text, cut) = written(html, 10_000);
        assert!(!cut);
        for part in [
            "# T",
            "a [l](http://x/y)",
            "- one",
            "  - two",
            "```rust\nfn x() {}",
            "| A",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn a_long_text_ends_with_a_line() {
        let (text, is_cut) = cut("one\ntwo\nthree".to_owned(), 9);
        assert_eq!((text.as_str(), is_cut), ("one\ntwo", true));
        assert_eq!(cut("é".repeat(5), 3), ("ééé".to_owned(), true));
        assert_eq!(cut("abc".to_owned(), 3), ("abc".to_owned(), false));
    }

    #[test]
    fn frames_stand_in_their_places() {
        let part = |html: &str| {
            Some(Part {
                html: html.to_owned(),
                truncated: false,
            })
        };
        let parts = [part("a\u{e000}0\u{e001}b\u{e000}7\u{e001}c"), part("inner")];
        assert_eq!(composed(&parts, &[vec![(1, 9)], vec![]], 0, 0), "ainnerbc");
    }
}
