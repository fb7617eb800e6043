//! What was tried and failed, and whether a later try of the same kind succeeded.

use super::cite::Cite;

/// A try that failed, once or several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// What makes later ones the same.
    kind: String,
    /// What was tried last, secrets left out.
    pub what: String,
    /// Whether it is a command.
    pub command: bool,
    /// What it answered last, in a line.
    pub error: String,
    /// How often.
    pub times: u32,
    /// Where it failed last.
    pub cite: Cite,
    /// Where one of the same kind succeeded later.
    pub mended: Option<Cite>,
}

/// Every try that failed, in the order of their last failures.
#[derive(Debug, Default)]
pub struct Tries(pub Vec<Try>);

impl Tries {
    /// A call failed.
    pub fn failed(&mut self, kind: String, (what, command): (String, bool), error: String, cite: Cite) {
        let same = self.0.iter().position(|t| t.kind == kind && t.mended.is_none());
        let times = same.map_or(0, |at| self.0.remove(at).times) + 1;
        self.0.push(Try { kind, what, command, error, times, cite, mended: None });
    }

    /// A call succeeded.
    pub fn well(&mut self, kind: &str, cite: &Cite) {
        for one in self.0.iter_mut().filter(|t| t.mended.is_none() && t.kind == kind) {
            one.mended = Some(cite.clone());
        }
    }

    /// Whether something failed that a success could mend.
    pub fn any_open(&self) -> bool {
        self.0.iter().any(|t| t.mended.is_none())
    }
}

/// What sort of command it is: the program and the word after it, of the first part that does more than prepare.
pub fn kind(command: &str) -> String {
    const PREPARES: [&str; 8] = ["cd", "export", "source", ".", "set", "mkdir", "echo", "pushd"];
    const AROUND: [&str; 7] = ["sudo", "env", "time", "nohup", "nice", "exec", "command"];
    let parts = command.split(['\n', ';']).flat_map(|part| part.split("&&")).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty() && !part.starts_with('#')).collect();
    let words = |part: &str| -> Vec<String> {
        let is_set = |word: &&str| word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.starts_with(['-', '/', '.']));
        let words = part.split_whitespace().skip_while(|word| is_set(word) || AROUND.contains(word));
        words.take(2).map(str::to_owned).collect()
    };
    let does = |part: &&&str| words(part).first().is_some_and(|word| !PREPARES.contains(&word.as_str()));
    let words = words(parts.iter().find(does).or(parts.first()).copied().unwrap_or_default());
    let name = |word: &String| word.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let second = words.get(1).filter(|word| !word.starts_with(['-', '<', '>', '|', '&', '"', '\'', '$', '(']));
    words.first().map(name).into_iter().chain(second.map(name)).collect::<Vec<_>>().join(" ")
}

/// The line of an answer that says most of what went wrong: the first that names an error, else the last.
pub fn gist(answer: &str) -> &str {
    let lines = || answer.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Exit code "));
    let names = |line: &&str| {
        let low = line.to_lowercase();
        ["error", "fatal", "failed", "denied", "not found", "no such", "cannot", "panicked"].iter().any(|word| low.contains(word))
    };
    let last = lines().next_back();
    // What Python raised stands at the end.
    if answer.contains("Traceback (most recent call last)") {
        return last.unwrap_or_default();
    }
    lines().find(names).or(last).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionIx;

    #[test]
    fn commands_are_of_one_kind_by_their_program_and_its_first_word() {
        assert_eq!(kind("cd /x && RUST_LOG=debug cargo test --lib"), "cargo test");
        assert_eq!(kind("sudo /usr/bin/python3 tools/make.py 2>&1 | tail"), "python3 make.py");
        assert_eq!((kind("make"), kind("ls -la"), kind("cd x"), kind("")), ("make".into(), "ls".into(), "cd x".into(), String::new()));
    }

    #[test]
    fn of_an_answer_the_line_that_names_the_error_is_told() {
        assert_eq!(gist("Exit code 1\nbuilding\nerror[E0432]: unresolved import\nmore"), "error[E0432]: unresolved import");
        assert_eq!(gist("Traceback (most recent call last):\n  File \"x\"\n    cannot()\nKeyError: 'a'\n"), "KeyError: 'a'");
        assert_eq!((gist("Exit code 2"), gist("one\ntwo")), ("", "two"));
    }

    #[test]
    fn a_failure_is_mended_by_a_later_success_of_its_kind_and_by_no_other() {
        let cite = |record: &str| Cite { session: SessionIx::at(0), record: record.into(), call: String::new(), file: "f".into() };
        let mut tries = Tries::default();
        tries.failed("cargo test".into(), ("cargo test".into(), true), "no".into(), cite("1"));
        tries.failed("make".into(), ("make".into(), true), "no".into(), cite("2"));
        tries.failed("cargo test".into(), ("cargo test -q".into(), true), "no".into(), cite("3"));
        tries.well("cargo test", &cite("4"));
        let told: Vec<_> = tries.0.iter().map(|t| (t.what.as_str(), t.times, t.mended.as_ref().map(|c| c.record.as_str()))).collect();
        assert_eq!(told, [("make", 1, None), ("cargo test -q", 2, Some("4"))]);
    }
}
