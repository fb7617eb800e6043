//! `config.toml`: the few things one may set once.

use super::style::When;
use crate::error::{Error, Result};
use crate::model::Class;
use crate::watch::{Rule, Shelve};
use crate::world::World;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// What the file may say; everything may be absent.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Config {
    pub(super) color: Option<When>,
    pub(super) quiet_after: Option<String>,
    pub(super) backup_dir: Option<PathBuf>,
    pub(super) purge_after: Option<String>,
    pub(super) clean_untested: Option<bool>,
    pub(super) ascii: Option<bool>,
    pub(super) mouse: Option<bool>,
    pub(super) watch: Option<Standing>,
}

/// What `watch` may do by itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    clean: Option<Vec<String>>,
    older_than: Option<String>,
    untested: Option<bool>,
    backups: Option<bool>,
    archive_after: Option<String>,
    archive_children_after: Option<String>,
}

const KEYS: [&str; 8] = ["color", "quiet_after", "backup_dir", "purge_after", "clean_untested", "ascii", "mouse", "watch"];

/// How long a session must be quiet before the standing rule is applied to it.
const OLDER_THAN: Duration = Duration::from_hours(7 * 24);

/// The file with every key, its default, and what it is for.
pub(super) const TEMPLATE: &str = "\
# lifeboat configuration. Every line is optional; these are the defaults, but for `purge_after`.

# Colour: \"auto\", \"always\" or \"never\".
# color = \"auto\"

# How long a session must be quiet to count as not in use.
# quiet_after = \"10m\"

# Where backups go; ~ is your home. Default: \"Lifeboat Backups\" in your documents.
# backup_dir = \"~/Documents/Lifeboat Backups\"

# Remove what has been in the vault for so long, for good: \"30d\" and longer or shorter spans of a day and more. Without
# this line nothing is ever removed by itself.
# purge_after = \"30d\"

# Whether environments may be in a plan that no test made again (`lifeboat manifest SESSION --test`). Their contents are checked
# and their versions known in any case; with false, only those stay in that came back identical or equivalent.
# clean_untested = true

# Draw the interface with ASCII only.
# ascii = false

# Let the mouse select, scroll, open and mark.
# mouse = true

# What `lifeboat watch` may do by itself. Without `clean` it removes nothing; the only class it takes is \"rebuildable\".
# What it cleaned is in the vault and in `history`, and `undo` puts it back; with `purge_after` it goes for good in time.
# [watch]
# clean = []
# Only of sessions that were quiet for so long.
# older_than = \"7d\"
# As `clean_untested`, for the rule alone.
# untested = true
# Make a backup when an update of the app or a reset of its virtual machine is in sight, at most once a day.
# backups = true
# Archive sessions of opencode of which nothing in the whole tree was active for so long, and sub-sessions that did nothing for so
# long. Archiving removes nothing; `undo` takes it back. Without these lines nothing is archived by itself.
# archive_after = \"60d\"
# archive_children_after = \"7d\"
";

/// Where the file is.
pub(super) fn path(world: &World) -> PathBuf {
    world.config_dir.join("config.toml")
}

/// Reads the file, where there is one; gives a sentence for each key nobody knows.
pub(super) fn read(world: &World) -> Result<(Config, Vec<String>)> {
    let path = path(world);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((Config::default(), Vec::new())),
        Err(e) => return Err(Error::usage("cannot read the configuration").at(&path).because(e)),
    };
    let wrong = |e: toml::de::Error| {
        Error::usage("cannot understand the configuration")
            .at(&path)
            .because(e)
            .hint("`lifeboat config --show-default` shows how it is written")
    };
    let table: toml::Table = text.parse().map_err(wrong)?;
    let unknown = table.keys().filter(|k| !KEYS.contains(&k.as_str()));
    let warnings = unknown.map(|key| {
        let like = KEYS.iter().find(|k| near(k, key)).map_or(String::new(), |k| format!("; did you mean `{k}`?"));
        format!("{}: nobody knows the key `{}`{like}", crate::model::shown(&path), crate::model::shown_name(key.as_ref()))
    });
    let warnings = warnings.collect();
    let config: Config = table.try_into().map_err(wrong)?;
    if let Some(span) = config.quiet_after.as_ref().filter(|s| crate::world::parse_span(s).is_none()) {
        return Err(Error::usage(format!("`quiet_after = \"{span}\"` is no span of time"))
            .at(&path)
            .hint("write it like \"10m\" or \"2h\""));
    }
    let day = std::time::Duration::from_hours(24);
    if let Some(span) = config.purge_after.as_ref().filter(|s| crate::world::parse_span(s).is_none_or(|span| span < day)) {
        return Err(Error::usage(format!("`purge_after = \"{span}\"` is no span of a day or more"))
            .at(&path)
            .hint("write it like \"30d\"; without it nothing is removed by itself"));
    }
    config.rule().map_err(|e| e.at(&path))?;
    Ok((config, warnings))
}

/// Whether two words differ by a slip or two.
fn near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.to_lowercase().replace(['-', ' '], "_").chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = (before + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            before = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[b.len()] <= 2
}

/// A span of time that a key was given.
fn span(key: &str, text: Option<&str>) -> Result<Option<Duration>> {
    let wrong = |text: &str| Error::usage(format!("`{key} = \"{text}\"` is no span of time")).hint("write it like \"12h\" or \"7d\"");
    text.map(|text| crate::world::parse_span(text).ok_or_else(|| wrong(text))).transpose()
}

impl Config {
    /// The standing rule of `watch`, where there is one. What it cannot be is a mistake and no rule.
    pub(super) fn rule(&self) -> Result<Option<Rule>> {
        let standing = self.watch.clone().unwrap_or_default();
        let classes = standing.clean.unwrap_or_default();
        if let Some(class) = classes.iter().find(|class| *class != Class::Rebuildable.word()) {
            return Err(Error::usage(format!("`clean = [\"{class}\"]`: a standing rule cleans nothing but \"rebuildable\""))
                .hint("what exists only here, or has its copy elsewhere, is cleaned by hand"));
        }
        let older_than = span("older_than", standing.older_than.as_deref())?.unwrap_or(OLDER_THAN);
        let rule = Rule { older_than, untested: standing.untested.unwrap_or(true) };
        Ok((!classes.is_empty()).then_some(rule))
    }

    /// After how long `watch` archives sessions; not at all unless the file says so.
    pub(super) fn shelve(&self) -> Result<Shelve> {
        let standing = self.watch.clone().unwrap_or_default();
        Ok(Shelve {
            idle: span("archive_after", standing.archive_after.as_deref())?,
            children: span("archive_children_after", standing.archive_children_after.as_deref())?,
        })
    }

    /// Whether `watch` makes backups.
    pub(super) fn backups(&self) -> bool {
        self.watch.as_ref().and_then(|w| w.backups).unwrap_or(true)
    }

    /// The world with what the file says; the environment is stronger.
    pub(super) fn set_in(&self, world: &mut World) {
        let mut set = |key: &str, value: Option<std::ffi::OsString>| {
            if let (None, Some(value)) = (world.var(key), value) {
                world.env.insert(key.into(), value);
            }
        };
        set("LIFEBOAT_QUIET_AFTER", self.quiet_after.clone().map(Into::into));
        set("LIFEBOAT_BACKUP_DIR", self.backup_dir.clone().map(Into::into));
        world.clean_untested = self.clean_untested.unwrap_or(true);
        world.purge_after = self.purge_after.as_deref().and_then(crate::world::parse_span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_key_is_told_with_the_key_that_was_meant() {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new());
        std::fs::create_dir_all(&world.config_dir).unwrap();
        std::fs::write(path(&world), "colour = \"never\"\nmouse = false\n").unwrap();
        let (config, warnings) = read(&world).unwrap();
        assert_eq!((config.mouse, config.color), (Some(false), None));
        assert!(warnings[0].contains("did you mean `color`"), "{warnings:?}");
    }

    #[test]
    fn the_template_says_what_is_so_anyway() {
        let table: toml::Table = TEMPLATE
            .lines()
            .map(|l| l.strip_prefix("# ").filter(|l| l.contains(" = ") || l.starts_with('[')).unwrap_or(""))
            .fold(String::new(), |all, l| all + l + "\n")
            .parse()
            .unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), {
            let mut k = KEYS.to_vec();
            k.sort_unstable();
            k
        });
    }

    #[test]
    fn a_standing_rule_takes_what_is_rebuildable_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new());
        std::fs::create_dir_all(&world.config_dir).unwrap();
        let rule = |text: &str| {
            std::fs::write(path(&world), format!("[watch]\n{text}\n")).unwrap();
            read(&world).map(|(config, _)| config.rule().unwrap())
        };
        let days = |d: u64| Duration::from_hours(24 * d);
        for none in ["", "clean = []", "older_than = \"1d\"", "untested = false"] {
            assert_eq!(rule(none).unwrap(), None, "{none}");
        }
        assert_eq!(rule("clean = [\"rebuildable\"]").unwrap(), Some(Rule { older_than: days(7), untested: true }));
        let strict = "clean = [\"rebuildable\"]\nolder_than = \"1d\"\nuntested = false";
        assert_eq!(rule(strict).unwrap(), Some(Rule { older_than: days(1), untested: false }));
        for wrong in [
            "clean = [\"flushed\"]",
            "clean = [\"rebuildable\", \"at-risk\"]",
            "clean = \"rebuildable\"",
            "clean = true",
            "clean = [\"rebuildable\"]\nolder_then = \"1d\"",
            "clean = [\"rebuildable\"]\nolder_than = \"soon\"",
            "older_than = \"soon\"",
        ] {
            assert_eq!(rule(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }

    #[test]
    fn a_span_after_which_the_vault_is_emptied_is_at_least_a_day() {
        let home = tempfile::tempdir().unwrap();
        let mut world = World::at(home.path(), std::collections::BTreeMap::new());
        std::fs::create_dir_all(&world.config_dir).unwrap();
        for (text, good) in [("30d", true), ("24h", true), ("30", false), ("0d", false), ("soon", false)] {
            std::fs::write(path(&world), format!("purge_after = \"{text}\"\n")).unwrap();
            assert_eq!(read(&world).is_ok(), good, "{text}");
        }
        std::fs::write(path(&world), "purge_after = \"30d\"\n").unwrap();
        read(&world).unwrap().0.set_in(&mut world);
        assert_eq!(world.purge_after, Some(std::time::Duration::from_hours(30 * 24)));
    }

    #[test]
    fn sessions_are_archived_by_themselves_only_where_the_file_says_after_how_long() {
        let shelve = |text: &str| {
            let config: Config = toml::from_str(text).unwrap();
            config.shelve()
        };
        assert_eq!(shelve("").unwrap(), Shelve::default());
        assert_eq!(
            shelve("[watch]\narchive_after = \"60d\"").unwrap(),
            Shelve { idle: Some(Duration::from_hours(60 * 24)), children: None }
        );
        assert!(shelve("[watch]\narchive_children_after = \"soon\"").is_err());
    }
}
