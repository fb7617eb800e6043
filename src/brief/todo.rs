//! What was still to do: the last state of the lists that the model kept.

use super::cite::Cite;
use crate::transcript::Tool;
use serde_json::Value;

/// A thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// What.
    pub text: String,
    /// It was begun.
    pub begun: bool,
    /// It is done, or was given up.
    over: bool,
    /// Its number, where it has one.
    number: String,
    /// Where it stands so.
    pub cite: Cite,
}

/// The list.
#[derive(Debug, Default)]
pub struct Todos(Vec<Todo>);

impl Todos {
    /// Takes a call in; gives whether it is about the list.
    pub fn take(&mut self, tool: &Tool<'_>, cite: &Cite) -> bool {
        let Some(name) = tool.name.rsplit("__").next() else { return false };
        if tool.failed || !matches!(name, "TodoWrite" | "todowrite" | "write_todos" | "update_plan" | "TaskCreate" | "TaskUpdate") {
            return false;
        }
        let Ok(input) = serde_json::from_str::<Value>(&tool.input) else { return false };
        let of = |value: &Value, keys: &[&str]| keys.iter().find_map(|key| value.get(*key)?.as_str()).unwrap_or_default().to_owned();
        let todo = |text: String, state: &str, number: String| Todo {
            text,
            begun: state == "in_progress",
            over: matches!(state, "completed" | "cancelled" | "deleted"),
            number,
            cite: cite.clone(),
        };
        match name {
            "TaskCreate" => {
                let said = tool.answer.as_ref().and_then(|a| a.text.split_once('#')).map_or("", |(_, rest)| rest);
                let number = said.chars().take_while(char::is_ascii_digit).collect();
                self.0.push(todo(of(&input, &["subject", "description"]), "pending", number));
            }
            "TaskUpdate" => {
                let (number, state) = (of(&input, &["taskId", "task_id"]), of(&input, &["status"]));
                if let Some(known) = self.0.iter_mut().find(|t| !number.is_empty() && t.number == number)
                    && !state.is_empty()
                {
                    *known = todo(known.text.clone(), &state, number);
                }
            }
            _ => {
                let list = ["todos", "plan"].iter().find_map(|key| input.get(*key)?.as_array());
                let each = |one: &Value| todo(of(one, &["content", "step", "description"]), &of(one, &["status"]), String::new());
                self.0 = list.map_or(&[][..], Vec::as_slice).iter().map(each).collect();
            }
        }
        true
    }

    /// What is neither done nor given up.
    pub fn open(&self) -> impl Iterator<Item = &Todo> {
        self.0.iter().filter(|t| !t.over && !t.text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionIx;
    use crate::transcript::Answer;
    use serde_json::json;

    #[test]
    fn of_a_list_what_is_not_done_stays_whichever_way_it_is_kept() {
        let cite = Cite { session: SessionIx::at(0), record: "r".into(), call: String::new(), file: "f".into() };
        let mut todos = Todos::default();
        let mut call = |name: &str, input: Value, answer: &str| {
            let answer = Some(Answer { text: answer.to_owned().into(), ..Answer::default() });
            todos.take(&Tool { name: name.to_owned().into(), input: input.to_string().into(), answer, ..Tool::default() }, &cite);
            todos.open().map(|t| (t.text.clone(), t.begun)).collect::<Vec<_>>()
        };
        let list = json!({"todos": [{"content": "a", "status": "completed"}, {"content": "b", "status": "in_progress"}]});
        assert_eq!(call("TodoWrite", list, ""), [("b".to_owned(), true)]);
        assert_eq!(call("update_plan", json!({"plan": [{"step": "c", "status": "pending"}]}), ""), [("c".to_owned(), false)]);
        call("TodoWrite", json!({"todos": []}), "");
        assert_eq!(call("TaskCreate", json!({"subject": "d"}), "Task #7 created successfully: d"), [("d".to_owned(), false)]);
        assert_eq!(call("TaskUpdate", json!({"taskId": "7", "status": "completed"}), ""), []);
    }
}
