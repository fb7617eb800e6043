//! Puts our entries into the text of a settings file and takes them out again; everything else stays byte for byte.

use crate::error::{Error, Result};
use crate::settings::look::{Look, cut, member};
use crate::settings::spans::{Member, blank, elements, members};
use serde_json::{Value, json};
use std::ops::Range;

/// When the client calls.
pub const EVENTS: [&str; 3] = ["SessionStart", "PreCompact", "SessionEnd"];

/// What stands in every command of ours, and in no other's.
const OURS: &str = "hooks --called";

/// The text with our entries; `None`: they are all there.
pub fn install(text: &str, command: &str) -> Result<Option<String>> {
    if text.trim().is_empty() {
        let all: serde_json::Map<String, Value> = EVENTS.iter().map(|event| ((*event).to_owned(), json!([group(command)]))).collect();
        return Ok(Some(Look::of("{}").render(&json!({"hooks": all}), 0) + "\n"));
    }
    check(text)?;
    if EVENTS.iter().all(|event| has(text, event, command)) {
        return Ok(None);
    }
    // Ours of an earlier time may call a program that is elsewhere now.
    let mut text = remove(text)?;
    for event in EVENTS {
        text = add(&text, event, command)?;
    }
    check(&text)?;
    Ok(Some(text))
}

/// The text without our entries, and without what they alone were in.
pub fn remove(text: &str) -> Result<String> {
    check(text)?;
    let mut text = text.to_owned();
    // Each round takes one thing out; places are looked for anew.
    while let Some(shorter) = remove_one(&text) {
        text = shorter;
    }
    check(&text)?;
    Ok(text)
}

fn check(text: &str) -> Result<()> {
    let odd = |what: String| Error::refused(what).hint("nothing was changed; mend the file, then install again");
    let value: Value = serde_json::from_str(text).map_err(|e| odd("the settings are no valid JSON".to_owned()).because(e))?;
    let Value::Object(root) = &value else { return Err(odd("the settings are no JSON object".into())) };
    match root.get("hooks") {
        None => {}
        Some(Value::Object(hooks)) => {
            if let Some((name, _)) = hooks.iter().find(|(name, v)| EVENTS.contains(&name.as_str()) && !v.is_array()) {
                return Err(odd(format!("`hooks.{name}` in the settings is no list")));
            }
        }
        Some(_) => return Err(odd("`hooks` in the settings is no object".into())),
    }
    let twice = |all: &[Member], key: &str| all.iter().filter(|m| m.key == key).count() > 1;
    let all = members(text, blank(text, 0)).unwrap_or_default();
    let inner = all.iter().find(|m| m.key == "hooks").and_then(|m| members(text, m.value.start)).unwrap_or_default();
    if twice(&all, "hooks") || EVENTS.iter().any(|event| twice(&inner, event)) {
        return Err(odd("the settings have the same key twice".into()));
    }
    Ok(())
}

fn group(command: &str) -> Value {
    json!({"hooks": [{"type": "command", "command": command, "timeout": 10}]})
}

/// The list of an event.
fn list(text: &str, event: &str) -> Option<Member> {
    let hooks = member(text, blank(text, 0), "hooks")?;
    member(text, hooks.value.start, event)
}

/// The commands in a group: each with where its entry stands.
fn commands(text: &str, group: &Range<usize>) -> Vec<(Range<usize>, String)> {
    let Some(list) = member(text, group.start, "hooks") else { return Vec::new() };
    let command = |at: Range<usize>| {
        let value = member(text, at.start, "command")?.value;
        Some((at, serde_json::from_str(text.get(value)?).ok()?))
    };
    elements(text, list.value.start).unwrap_or_default().into_iter().filter_map(command).collect()
}

fn has(text: &str, event: &str, command: &str) -> bool {
    let groups = list(text, event).and_then(|l| elements(text, l.value.start)).unwrap_or_default();
    groups.iter().flat_map(|g| commands(text, g)).any(|(_, c)| c == command)
}

fn add(text: &str, event: &str, command: &str) -> Result<String> {
    let odd = || Error::refused("the settings cannot be understood").hint("nothing was changed");
    let look = Look::of(text);
    let root = blank(text, 0);
    let put = |at: usize, depth: usize, all: Vec<Range<usize>>, item: String| look.insert(text, at, depth, all.last(), &item);
    let spans = |at: usize| members(text, at).map(|all| all.into_iter().map(|m| m.all).collect::<Vec<_>>());
    let keyed = |key: &str, value: &Value, depth: usize| format!("{}:{}{}", json!(key), look.space(), look.render(value, depth));
    let Some(hooks) = member(text, root, "hooks") else {
        let item = keyed("hooks", &json!({event: [group(command)]}), 1);
        return Ok(put(root, 1, spans(root).ok_or_else(odd)?, item));
    };
    let Some(list) = member(text, hooks.value.start, event) else {
        let item = keyed(event, &json!([group(command)]), 2);
        return Ok(put(hooks.value.start, 2, spans(hooks.value.start).ok_or_else(odd)?, item));
    };
    let all = elements(text, list.value.start).ok_or_else(odd)?;
    Ok(put(list.value.start, 3, all, look.render(&group(command), 3)))
}

/// Takes one entry of ours out, with the group and the lists that only it was in.
fn remove_one(text: &str) -> Option<String> {
    for event in EVENTS {
        let Some(list) = list(text, event) else { continue };
        let groups = elements(text, list.value.start).unwrap_or_default();
        for group in &groups {
            let all = commands(text, group);
            let Some((entry, _)) = all.iter().find(|(_, command)| command.contains(OURS)) else { continue };
            let inner = member(text, group.start, "hooks").and_then(|m| elements(text, m.value.start)).unwrap_or_default();
            if inner.len() > 1 {
                return cut(text, &inner, entry);
            }
            if groups.len() > 1 {
                return cut(text, &groups, group);
            }
            let root = members(text, blank(text, 0))?;
            let hooks = root.iter().find(|m| m.key == "hooks")?;
            let lists = members(text, hooks.value.start)?;
            let (all, one) = if lists.len() > 1 { (&lists, &list) } else { (&root, hooks) };
            return cut(text, &all.iter().map(|m| m.all.clone()).collect::<Vec<_>>(), &one.all);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMAND: &str = "'/opt/life boat/lifeboat' hooks --called || exit 0";

    fn installed(text: &str) -> String {
        install(text, COMMAND).unwrap().unwrap_or_else(|| panic!("{text}"))
    }

    /// Our entries of a text, by event.
    fn ours(text: &str) -> Vec<usize> {
        let value: Value = serde_json::from_str(text).unwrap();
        let count = |event: &&str| value["hooks"][*event].to_string().matches("hooks --called").count();
        EVENTS.iter().map(count).collect()
    }

    #[test]
    fn a_new_file_a_tidy_one_and_a_dense_one_get_the_entries_in_their_own_style() {
        insta::assert_snapshot!("new", installed(" \n"));
        insta::assert_snapshot!("tidy", installed("{\n    \"model\": \"opus\",\n    \"hooks\": {\n        \"Stop\": []\n    }\n}\n"));
        insta::assert_snapshot!("dense", installed("{\"model\":\"opus\",\"hooks\":{\"SessionEnd\":[{\"hooks\":[]}]}}"));
    }

    #[test]
    fn installing_twice_changes_nothing_and_a_program_that_moved_is_called_at_its_new_place() {
        let once = installed("{\n  \"a\": 1\n}\n");
        assert_eq!(install(&once, COMMAND).unwrap(), None);
        let moved = install(&once, "'/usr/bin/lifeboat' hooks --called || exit 0").unwrap().unwrap();
        assert!(!moved.contains("/opt/life boat") && ours(&moved) == [1, 1, 1], "{moved}");
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for text in [
            "{\"a\": 1,}",
            "// mine\n{}",
            "[]",
            "{\"hooks\": []}",
            "{\"hooks\": {\"SessionEnd\": {}}}",
            "{\"hooks\": {}, \"hooks\": {}}",
            "{\"hooks\": {\"SessionEnd\": [], \"SessionEnd\": []}}",
            "{",
        ] {
            assert_eq!(install(text, COMMAND).unwrap_err().exit_code(), 3, "{text}");
        }
    }

    #[test]
    fn what_somebody_added_to_our_group_or_beside_it_stays() {
        let text = installed("{\n  \"hooks\": {\n    \"Stop\": [1]\n  }\n}");
        let theirs = text.replacen(
            "\"timeout\": 10\n          }",
            "\"timeout\": 10\n          },\n          {\"type\": \"command\", \"command\": \"mine\"}",
            1,
        );
        assert_ne!(text, theirs);
        let left = remove(&theirs).unwrap();
        assert!(left.contains("\"mine\"") && ours(&left) == [0, 0, 0], "{left}");
        let value: Value = serde_json::from_str(&left).unwrap();
        assert_eq!(value["hooks"].as_object().unwrap().keys().collect::<Vec<_>>(), ["Stop", "SessionStart"]);
    }

    /// A blank as people and programs write it.
    fn gap() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["", " ", "\n", "\n  ", "\r\n\t", "  \n\n    "])
    }

    fn leaf() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["1", "-2.5e3", "true", "null", "\"x\"", "\"a\\\"]}\\\\\"", "\"\u{e9}, \\u0041:\""])
            .prop_map(str::to_owned)
    }

    /// Any JSON text, with blanks anywhere.
    fn value() -> impl Strategy<Value = String> {
        leaf().prop_recursive(3, 20, 4, |inner| {
            let list = (prop::collection::vec((gap(), inner.clone(), gap()), 1..4), Just(())).prop_map(|(all, ())| {
                let parts: Vec<String> = all.into_iter().map(|(a, v, b)| format!("{a}{v}{b}")).collect();
                format!("[{}]", parts.join(","))
            });
            let object = prop::collection::vec((gap(), "[a-z]{1,3}", gap(), inner, gap()), 1..4).prop_map(|all| {
                let parts: Vec<String> =
                    all.into_iter().enumerate().map(|(n, (a, k, b, v, c))| format!("{a}\"{k}{n}\"{b}:{b}{v}{c}")).collect();
                format!("{{{}}}", parts.join(","))
            });
            prop_oneof![list, object]
        })
    }

    /// A settings file: members of its own, and hooks or none.
    fn settings() -> impl Strategy<Value = String> {
        let member = (gap(), "[a-z]{1,6}", gap(), value(), gap());
        let hooks = prop::option::of((
            gap(),
            prop::sample::subsequence(vec!["Stop", "SessionStart", "SessionEnd", "PreCompact"], 1..4),
            gap(),
            value(),
        ));
        (gap(), prop::collection::vec(member, 1..4), hooks, any::<prop::sample::Index>(), gap()).prop_map(|(a, members, hooks, at, z)| {
            let mut parts: Vec<String> =
                members.into_iter().enumerate().map(|(n, (a, k, b, v, c))| format!("{a}\"{k}{n}\"{b}:{b}{v}{c}")).collect();
            if let Some((gap, events, inner, value)) = hooks {
                let lists: Vec<String> = events.iter().map(|event| format!("{gap}\"{event}\":{inner}[{gap}{value}{inner}]")).collect();
                let place = at.index(parts.len() + 1);
                parts.insert(place, format!("{gap}\"hooks\"{inner}:{gap}{{{}{inner}}}{gap}", lists.join(",")));
            }
            format!("{a}{{{}}}{z}", parts.join(","))
        })
    }

    proptest! {
        #[test]
        fn what_was_installed_and_taken_out_is_the_same_byte_for_byte(text in settings()) {
            prop_assume!(serde_json::from_str::<Value>(&text).is_ok());
            let with = installed(&text);
            prop_assert_eq!(ours(&with), vec![1, 1, 1]);
            prop_assert_eq!(install(&with, COMMAND).unwrap(), None);
            prop_assert_eq!(remove(&with).unwrap(), text);
        }

        #[test]
        fn nothing_of_the_users_changes_its_value_or_its_order(text in settings()) {
            let before: Value = serde_json::from_str(&text).unwrap();
            let mut after: Value = serde_json::from_str(&installed(&text)).unwrap();
            let mut expected = before.clone();
            for event in EVENTS {
                let list = after["hooks"][event].as_array_mut().unwrap();
                let last = list.pop().unwrap();
                prop_assert_eq!(last, group(COMMAND));
                if before["hooks"][event].is_null() {
                    expected["hooks"][event] = json!([]);
                }
            }
            prop_assert_eq!(after.to_string(), expected.to_string());
        }
    }
}
