//! What Gemini deletes by itself: when it starts in a project, that project's sessions older than `general.sessionRetention`
//! says (30 days unless set), those beyond a number where one is set, and what it cannot read (packages/cli/src/utils/
//! sessionCleanup.ts).

use crate::model::Session;
use crate::stores::folders::Folders;
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::path::Path;

/// What a project keeps.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// For how long after the last change.
    age: Option<SignedDuration>,
    /// How many besides the one in use.
    count: Option<usize>,
}

impl Rule {
    /// What holds for a project: its own settings before the user's, and those of the machine before all; `None`: everything
    /// stays. Settings that cannot be read count as not there.
    pub fn of(world: &World, folders: &mut Folders<'_>, root: &Path, project: &Path) -> Option<Self> {
        let own = |path: &Path| std::fs::read(path).unwrap_or_default();
        let machine = world.path_var("GEMINI_CLI_SYSTEM_SETTINGS_PATH").map(|path| own(&path)).unwrap_or_default();
        let texts = [folders.text(&root.join("settings.json")).unwrap_or_default(), own(&project.join(".gemini/settings.json")), machine];
        let mut merged: Map<String, Value> = Map::new();
        for settings in texts.iter().filter_map(|text| serde_json::from_slice::<Value>(text).ok()) {
            let said = settings.get("general").and_then(|g| g.get("sessionRetention")).and_then(Value::as_object);
            merged.extend(said.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
        }
        Self::read(&merged)
    }

    fn read(said: &Map<String, Value>) -> Option<Self> {
        if said.get("enabled").is_some_and(|on| on != &Value::Bool(true)) {
            return None;
        }
        let text = |key: &str| said.get(key).and_then(Value::as_str);
        let count = said.get("maxCount").filter(|n| !n.is_null()).map(|n| n.as_u64().filter(|n| *n >= 1));
        let age = match text("maxAge") {
            None if said.get("maxAge").is_some_and(Value::is_null) => None,
            set => Some(span(set.unwrap_or("30d"))?),
        };
        let least = text("minRetention").and_then(span).unwrap_or(SignedDuration::from_hours(24));
        // What makes no sense switches it off.
        if matches!(count, Some(None)) || age.is_some_and(|age| age < least) {
            return None;
        }
        Some(Self { age, count: count.flatten().and_then(|n| usize::try_from(n).ok()) })
    }

    /// Gives the sessions of a project their deadlines; `unread` are those that Gemini cannot read.
    pub fn mark(&self, now: Timestamp, sessions: &mut [Session], unread: &dyn Fn(&Session) -> bool) {
        let mut newest: Vec<Option<Timestamp>> = sessions.iter().map(|s| s.last_active).collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        for session in sessions {
            let old = self.age.and_then(|age| session.last_active?.checked_add(age).ok());
            // The one in use counts as well.
            let beyond = self.count.and_then(|n| newest.get(n.saturating_sub(1)).copied().flatten());
            let next = beyond.is_some_and(|last| session.last_active <= Some(last)) || unread(session);
            session.deadline = if next { Some(now) } else { old };
        }
    }

    /// What it deletes, as a sentence.
    pub fn says(&self) -> String {
        let age = self.age.map(|age| format!("{} days after their last change", age.as_hours() / 24));
        let count = self.count.map(|n| format!("those beyond the newest {n}"));
        let what = [age, count].into_iter().flatten().collect::<Vec<_>>().join(", and ");
        format!("Gemini deletes conversations {what}, but only those of the project it is started in")
    }
}

/// A span as Gemini writes it: `30d`, `24h`, `4w`, and `1m` for thirty days.
fn span(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let hours = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 24 * 7,
        "m" => 24 * 30,
        _ => return None,
    };
    let number: i64 = number.parse().ok().filter(|n| *n > 0)?;
    // As many hours as a duration takes.
    number.checked_mul(hours).filter(|hours| *hours < i64::MAX / 3600).map(SignedDuration::from_hours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(said: &Value) -> Option<Rule> {
        Rule::read(said.as_object().unwrap())
    }

    fn days(days: i64) -> SignedDuration {
        SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn thirty_days_hold_unless_settings_that_make_sense_say_otherwise() {
        assert_eq!(rule(&json!({})), Some(Rule { age: Some(days(30)), count: None }));
        assert_eq!(rule(&json!({"maxAge": "2w", "maxCount": 50})), Some(Rule { age: Some(days(14)), count: Some(50) }));
        assert_eq!(rule(&json!({"maxAge": "1m"})), Some(Rule { age: Some(days(30)), count: None }));
        for off in
            [json!({"enabled": false}), json!({"maxAge": "soon"}), json!({"maxAge": "1h"}), json!({"maxCount": 0}), json!({"maxAge": "0d"})]
        {
            assert_eq!(rule(&off), None, "{off}");
        }
        assert!(rule(&json!({"maxAge": "1h", "minRetention": "1h"})).is_some());
        assert!(rule(&json!({"maxAge": "99999999999999999h"})).is_none());
    }

    #[test]
    fn a_session_goes_when_it_is_old_enough_beyond_the_number_or_cannot_be_read() {
        let now: Timestamp = "2026-07-30T00:00:00Z".parse().unwrap();
        let session = |day: u32| Session {
            id: day.to_string(),
            last_active: format!("2026-07-{day:02}T00:00:00Z").parse().ok(),
            ..Session::default()
        };
        let mut sessions: Vec<Session> = [10, 20, 25].map(session).into();
        Rule { age: Some(days(30)), count: None }.mark(now, &mut sessions, &|s| s.id == "25");
        let due = |sessions: &[Session]| sessions.iter().map(|s| s.deadline.unwrap().to_string()).collect::<Vec<_>>();
        assert_eq!(due(&sessions), ["2026-08-09T00:00:00Z", "2026-08-19T00:00:00Z", "2026-07-30T00:00:00Z"]);
        Rule { age: Some(days(30)), count: Some(2) }.mark(now, &mut sessions, &|_| false);
        assert_eq!(due(&sessions), ["2026-07-30T00:00:00Z", "2026-07-30T00:00:00Z", "2026-08-24T00:00:00Z"]);
    }
}
