//! What the user asked for and what was agreed: prompts, answers to questions, plans taken or refused. Told by the shape of
//! the records; where the shape leaves a doubt, that is told as well.

use super::cite::Cite;
use crate::transcript::Tool;
use serde_json::Value;

/// Words, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What was said, secrets left out.
    pub text: String,
    /// Where.
    pub cite: Cite,
}

/// A prompt of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What was typed.
    pub words: Words,
    /// The question that it seems to answer: a short prompt after words that ended in a question.
    pub answers: Option<Words>,
    /// The user had stopped the model before.
    pub stopped: bool,
}

/// Something that was agreed or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The user answered a question that was put as one.
    Answer(Words, String),
    /// The user took a plan.
    Taken(Words),
    /// The user refused a plan, or a call, perhaps with words of why.
    Refused(Words, Option<String>),
    /// The summary that the model went on with after a compaction.
    Summary(Words),
}

/// A refusal, and what the user said with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The user's words, where there are any.
    pub said: Option<String>,
}

/// Longer prompts are no mere answers.
const SHORT: usize = 200;

/// How a client says that the user refused a call; what the user said may follow.
const REFUSED: [&str; 4] = [
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "The user rejected permission to use this specific tool call",
    "User has rejected",
];

/// The question that words end with: the last sentence of one of the last lines.
pub fn question(text: &str) -> Option<&str> {
    let mut last = text.lines().rev().map(str::trim).filter(|line| !line.is_empty()).take(3);
    let line = last.find_map(|line| {
        let line = line.trim_end_matches(['*', '_', '`', ')', '"', '\'', '”', '’', ' ']);
        line.ends_with('?').then_some(line)
    })?;
    let from = line.rfind([':', '.', '!']).filter(|at| line.get(at + 1..).is_some_and(|rest| rest.starts_with(' ') && rest.len() > 8));
    from.and_then(|at| line.get(at + 1..)).or(Some(line)).map(str::trim)
}

/// Whether a prompt may be a mere answer.
pub fn is_short(text: &str) -> bool {
    text.chars().count() <= SHORT && text.trim().lines().count() <= 2
}

/// Whether the user refused the call, and with which words.
pub fn refused(tool: &Tool<'_>) -> Option<Refusal> {
    let text = tool.answer.as_ref().filter(|_| tool.failed)?.text.trim_start();
    REFUSED.iter().any(|start| text.starts_with(start)).then(|| {
        let said = ["the user said:", "provided the following reason for the rejection:", "with the following feedback:"];
        let said = said.iter().find_map(|says| Some(text.split_once(says)?.1.trim()));
        let said = said.map(|said| said.split("\n\nNote:").next().unwrap_or(said).to_owned());
        Refusal { said: said.filter(|said| !said.is_empty()) }
    })
}

/// The plan that was put to the user, where this call puts one.
pub fn plan(tool: &Tool<'_>) -> Option<String> {
    if !matches!(tool.name.as_ref(), "ExitPlanMode" | "exit_plan_mode" | "plan_exit") {
        return None;
    }
    let input: Option<Value> = serde_json::from_str(&tool.input).ok();
    let asked = input.as_ref().and_then(|input| input.get("plan")?.as_str()).map(str::to_owned);
    let answered = || Some(tool.answer.as_ref()?.text.split_once("Approved Plan:")?.1.trim().to_owned());
    asked.or_else(answered).filter(|plan| !plan.trim().is_empty())
}

/// The questions that a call puts, each with the user's answer. An answer that is not given question by question stands
/// with the first.
pub fn answers(tool: &Tool<'_>) -> Vec<(String, String)> {
    if !matches!(tool.name.rsplit("__").next(), Some("AskUserQuestion" | "question" | "ask_user" | "request_user_input")) || tool.failed {
        return Vec::new();
    }
    let (Some(answer), Ok(input)) = (&tool.answer, serde_json::from_str::<Value>(&tool.input)) else { return Vec::new() };
    let asked = input.get("questions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let asked: Vec<&str> = asked.iter().filter_map(|one| one.get("question")?.as_str()).collect();
    let each = |question: &&str| {
        let rest = answer.text.split_once(&format!("\"{question}\"=\""))?.1;
        let end = [rest.find("\", \""), rest.find("\". "), rest.find("\" "), rest.rfind('"')].into_iter().flatten().min()?;
        Some(((*question).to_owned(), rest.get(..end)?.to_owned()))
    };
    let each: Vec<(String, String)> = asked.iter().filter_map(each).collect();
    match asked.first() {
        Some(first) if each.is_empty() => vec![((*first).to_owned(), answer.text.to_string())],
        _ => each,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Answer;
    use serde_json::json;

    fn tool(name: &str, input: &Value, answer: &str, failed: bool) -> Tool<'static> {
        let answer = Some(Answer { text: answer.to_owned().into(), ..Answer::default() });
        Tool { name: name.to_owned().into(), input: input.to_string().into(), answer, failed, ..Tool::default() }
    }

    #[test]
    fn a_question_is_the_last_sentence_of_words_that_end_in_one() {
        assert_eq!(question("Done.\n\nI can also draw figure 9. **Shall I do that?**"), Some("**Shall I do that?"));
        assert_eq!(question("Which?\n\n1. red\n2. blue"), Some("Which?"));
        assert_eq!(question("Is it? No. It is not.\nReally.\nEnd.\nEnd."), None);
    }

    #[test]
    fn each_question_stands_with_its_answer() {
        let input = json!({"questions": [{"question": "Which colour?"}, {"question": "How \"big\"?"}]});
        let says = "User has answered your questions: \"Which colour?\"=\"Red, please\", \"How \"big\"?\"=\"A4\". You can now continue.";
        let told = answers(&tool("AskUserQuestion", &input, says, false));
        assert_eq!(told, [("Which colour?", "Red, please"), ("How \"big\"?", "A4")].map(|(q, a)| (q.to_owned(), a.to_owned())));
        let other = answers(&tool("question", &input, "Red", false));
        assert_eq!(other, [("Which colour?".to_owned(), "Red".to_owned())]);
        assert!(answers(&tool("Read", &input, says, false)).is_empty());
    }

    #[test]
    fn a_refusal_is_told_from_a_failure_with_the_user_s_words() {
        let says = "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to proceed, the user said:\nnot there";
        assert_eq!(refused(&tool("Bash", &json!({}), says, true)), Some(Refusal { said: Some("not there".to_owned()) }));
        assert_eq!(
            refused(&tool("Bash", &json!({}), "The user doesn't want to proceed with this tool use.", true)),
            Some(Refusal { said: None })
        );
        assert_eq!(refused(&tool("Bash", &json!({}), "error: no such file", true)), None);
    }
}
