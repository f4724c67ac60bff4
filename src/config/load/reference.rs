//! Every setting as the embedded `config.toml` writes it: the one list from which the loader, `config print` and the
//! reference page are made.

use toml::Value;
use toml::de::DeTable;

use super::EMBEDDED;

/// One key of `config.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The section, such as `api`.
    pub section: String,
    /// The key within it, such as `bind`.
    pub key: String,
    /// The value in the embedded file.
    pub default: Value,
    /// What stands behind it in the file.
    pub comment: String,
    /// Whether the value is never shown.
    pub secret: bool,
}

impl Setting {
    /// Section and key, such as `api.bind`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }
}

/// Every setting in the order of the file.
pub fn settings() -> Vec<Setting> {
    let spans = DeTable::parse(EMBEDDED)
        .expect("the embedded config.toml is TOML")
        .into_inner();
    let values: toml::Table = EMBEDDED.parse().expect("the embedded config.toml is TOML");
    let mut found = Vec::new();
    for (section, keys) in &spans {
        for (key, value) in keys.get_ref().as_table().into_iter().flatten() {
            let (section, key) = (section.get_ref().to_string(), key.get_ref().to_string());
            let line = EMBEDDED[value.span().end..].lines().next().unwrap_or_default();
            let comment = line
                .trim_start()
                .strip_prefix('#')
                .unwrap_or_default()
                .trim()
                .to_owned();
            let secret = comment.starts_with("secret");
            let default = values[&section][&key].clone();
            found.push((
                value.span().start,
                Setting {
                    section,
                    key,
                    default,
                    comment,
                    secret,
                },
            ));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, setting)| setting).collect()
}
