//! The shell script: POSIX `sh`, for Linux and macOS.

use super::{INSIDE, Step};
use std::fmt::Write as _;

/// Finds the Python that is asked for, or the one there is, and says so.
const HEAD: &str = r#"cd "$(dirname "$0")" || exit 1
failed=0
say() { printf '%s\n' "$*" >&2; }
find_python() {
  for name in "python$1" python3 python; do
    if command -v "$name" >/dev/null 2>&1; then
      if [ "$name" != "python$1" ] && [ -n "$1" ]; then say "  there is no python$1 here; taking $("$name" --version 2>&1)"; fi
      command -v "$name"
      return 0
    fi
  done
  say "  there is no Python here"
  return 1
}
"#;

/// The script for these environments.
pub fn script(task: &str, parts: &[(String, Vec<Step>)]) -> String {
    let task = task.replace(['\n', '\r'], " ");
    let mut out =
        format!("#!/bin/sh\n# Makes the environments of \u{201c}{task}\u{201d} again. It can be run again; what is there stays.\n{HEAD}");
    for (name, steps) in parts {
        let _ = write!(out, "\nsay {}\n{{\n", quoted(name));
        let lines: Vec<String> = steps.iter().map(step).collect();
        let _ = write!(out, "{}\n}} || {{ say {}; failed=1; }}\n", lines.join(" &&\n"), quoted(&format!("  failed: {name}")));
    }
    let _ = write!(out, "\n# What was yours in them.\nif [ -d {INSIDE} ]; then cp -Rp {INSIDE}/. . || failed=1; fi\n");
    out + "\nexit $failed\n"
}

fn step(step: &Step) -> String {
    match step {
        Step::Venv { folder, version, list, pip } => {
            let python = format!("{folder}/bin/python");
            let (folder, python, list) = (quoted(folder), quoted(&python), quoted(list));
            let version = quoted(version.as_deref().unwrap_or_default());
            let without = if *pip { "" } else { "--without-pip " };
            let install = "install --disable-pip-version-check --no-deps -r";
            let with = if *pip {
                format!("{python} -m pip {install} {list}")
            } else {
                format!("\"$python\" -m pip --python {python} {install} {list}")
            };
            format!("  python=$(find_python {version}) &&\n  {{ [ -e {python} ] || \"$python\" -m venv {without}{folder}; }} &&\n  {with}")
        }
        Step::Run { folder, commands } => {
            let all: Vec<String> = commands.iter().map(|c| c.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" ")).collect();
            let folder = if folder.is_empty() { "." } else { folder };
            format!("  ( cd {} && {{ {}; }} )", quoted(folder), all.join(" || "))
        }
    }
}

/// A word that the shell takes as it is.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/=@:+".contains(&b));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
