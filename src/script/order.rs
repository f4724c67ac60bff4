//! In which order plugins take part: after whom they say, before whom they say, then by priority and name.
//!
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::Plugin;

/// The order, and the plugins whose wishes go round in a circle; those come last, by priority and name.
pub(super) struct Order {
    /// Names, first to last.
    pub(super) plugins: Vec<String>,
    pub(super) circle: Vec<String>,
}

/// Sorts plugins. Wishes about plugins that are not there count for nothing.
pub(super) fn order<'a>(plugins: impl IntoIterator<Item = &'a Plugin>) -> Order {
    let plugins: BTreeMap<&str, &Plugin> = plugins
        .into_iter()
        .map(|plugin| (plugin.name.as_str(), plugin))
        .collect();
    // Of each plugin, those that must come earlier.
    let mut earlier: BTreeMap<&str, BTreeSet<&str>> = plugins.keys().map(|name| (*name, BTreeSet::new())).collect();
    for (name, plugin) in &plugins {
        for other in plugin.after.iter().filter(|other| plugins.contains_key(other.as_str())) {
            earlier.entry(name).or_default().insert(other);
        }
        for other in &plugin.before {
            if let Some(known) = earlier.get_mut(other.as_str()) {
                known.insert(name);
            }
        }
    }
    let mut sorted: Vec<&str> = Vec::new();
    loop {
        let free = earlier
            .iter()
            .filter(|(_, before)| before.iter().all(|other| sorted.contains(other)));
        let Some(next) = free
            .map(|(name, _)| *name)
            .min_by_key(|name| (plugins[name].priority, *name))
        else {
            break;
        };
        earlier.remove(next);
        sorted.push(next);
    }
    let mut circle: Vec<&str> = earlier.into_keys().collect();
    circle.sort_by_key(|name| (plugins[name].priority, *name));
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Order {
        plugins: owned(&[sorted, circle.clone()].concat()),
        circle: owned(&circle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wishes: &[(&str, i64, &[&str], &[&str])], expect: &str, circle: &str) {
        let plugins: Vec<_> = wishes
            .iter()
            .map(|(name, priority, before, after)| Plugin {
                priority: *priority,
                before: before.iter().map(|name| (*name).to_owned()).collect(),
                after: after.iter().map(|name| (*name).to_owned()).collect(),
                ..Plugin::bare(name)
            })
            .collect();
        let order = order(&plugins);
        assert_eq!(order.plugins.join(" "), expect);
        assert_eq!(order.circle.join(" "), circle);
    }

    #[test]
    fn wishes_come_before_priority_and_priority_before_names() {
        check(&[("b", 0, &[], &[]), ("a", 0, &[], &[])], "a b", "");
        check(&[("a", 5, &[], &[]), ("b", 0, &[], &[])], "b a", "");
        check(
            &[("a", 0, &[], &["c"]), ("b", 0, &[], &[]), ("c", 9, &[], &[])],
            "b c a",
            "",
        );
        check(&[("a", 0, &[], &[]), ("z", 0, &["a", "gone"], &[])], "z a", "");
    }

    #[test]
    fn circles_are_named_and_do_no_harm() {
        check(
            &[("a", 0, &["b"], &[]), ("b", 0, &["a"], &[]), ("c", 0, &[], &[])],
            "c a b",
            "a b",
        );
        check(&[("a", 0, &["a"], &[])], "a", "a");
    }
}
