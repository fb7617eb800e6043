//! The PowerShell script, for Windows; it runs in PowerShell 5 and later.

use super::{INSIDE, Step};
use std::fmt::Write as _;

const HEAD: &str = r#"Set-Location -LiteralPath $PSScriptRoot
$failed = 0
function Find-Python($version) {
  if ($version -and (Get-Command py -ErrorAction SilentlyContinue)) {
    $found = & py "-$version" -c "import sys; print(sys.executable)" 2>$null
    if ($LASTEXITCODE -eq 0) { return $found }
  }
  foreach ($name in "python$version", "python3", "python") {
    $found = Get-Command $name -ErrorAction SilentlyContinue
    if ($found) { return $found.Source }
  }
  throw "there is no Python here"
}
function Need { if ($LASTEXITCODE -ne 0) { throw "it ended with $LASTEXITCODE" } }
"#;

/// The script for these environments.
pub fn script(task: &str, parts: &[(String, Vec<Step>)]) -> String {
    let task = task.replace(['\n', '\r'], " ");
    let mut out = format!("# Makes the environments of \u{201c}{task}\u{201d} again. It can be run again; what is there stays.\r\n{HEAD}");
    for (name, steps) in parts {
        let _ = write!(out, "\nWrite-Host {}\ntry {{\n", quoted(name));
        for step in steps {
            let _ = writeln!(out, "{}", told(step));
        }
        let _ = writeln!(out, "}} catch {{ Write-Host ('  failed: ' + $_); $failed = 1 }}");
    }
    let _ = write!(
        out,
        "\n# What was yours in them.\nif (Test-Path -LiteralPath '{INSIDE}') {{ Get-ChildItem -LiteralPath '{INSIDE}' -Force | \
         Copy-Item -Destination . -Recurse -Force }}\n"
    );
    out + "\nexit $failed\n"
}

fn told(step: &Step) -> String {
    match step {
        Step::Venv { folder, version, list, pip } => {
            let python = quoted(&format!("{folder}/Scripts/python.exe"));
            let (folder, list) = (quoted(folder), quoted(list));
            let version = quoted(version.as_deref().unwrap_or_default());
            let without = if *pip { "" } else { "--without-pip " };
            let install = "install --disable-pip-version-check --no-deps -r";
            let with = if *pip {
                format!("& {python} -m pip {install} {list}")
            } else {
                format!("& $python -m pip --python {python} {install} {list}")
            };
            format!(
                "  $python = Find-Python {version}\n  if (-not (Test-Path -LiteralPath {python})) {{ & $python -m venv {without}{folder}; Need }}\n  {with}; Need"
            )
        }
        Step::Run { folder, commands } => {
            let command = |c: &Vec<String>| format!("& {}", c.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" "));
            let all: Vec<String> = commands.iter().map(command).collect();
            let folder = quoted(if folder.is_empty() { "." } else { folder });
            let tried = all.join("; if ($LASTEXITCODE -ne 0) { ") + &" }".repeat(all.len().saturating_sub(1));
            format!("  Push-Location -LiteralPath {folder}\n  try {{ {tried}; Need }} finally {{ Pop-Location }}")
        }
    }
}

/// A word that PowerShell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "''"))
}
