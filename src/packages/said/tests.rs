use super::*;
use crate::transcript::Answer;
use std::borrow::Cow;

fn call<'a>(name: &'a str, command: &str, answer: Option<&'a str>, failed: bool) -> Tool<'a> {
    let input = serde_json::json!({ "command": command }).to_string();
    let answer = answer.map(|text| Answer { text: Cow::Borrowed(text), ..Answer::default() });
    Tool { name: Cow::Borrowed(name), input: Cow::Owned(input), answer, failed, ..Tool::default() }
}

/// Every environment and package, as `kind folder: name version[ origin][ !]`; `!` for what was asked for.
fn told(said: Said) -> String {
    let package = |p: &Package| {
        let mut words = vec![p.name.clone()];
        words.extend((!p.version.is_empty()).then(|| p.version.clone()));
        words.extend(p.origin.as_ref().map(|o| format!("<{o}>")));
        words.extend((p.requested == Some(true)).then(|| "!".to_owned()));
        words.join(" ")
    };
    let environment = |e: &Environment| {
        assert!(e.packages.iter().all(|p| p.from == "record r1" && p.environment == e.folder), "{e:?}");
        format!("{} {}: {}", e.kind, e.folder, e.packages.iter().map(package).collect::<Vec<_>>().join(", "))
    };
    said.environments().iter().map(environment).collect::<Vec<_>>().join(" | ")
}

fn after(calls: &[(&str, &str)]) -> String {
    let mut said = Said::starting_in("/s/mnt/outputs");
    for (command, answer) in calls {
        said.take("r1", &call("Bash", command, Some(answer), false));
    }
    told(said)
}

#[test]
fn answers_say_which_versions_are_there() {
    for (command, answer, expected) in [
        (
            "pip install requests 'numpy<2' --break-system-packages 2>&1 | tail -3",
            "Successfully installed numpy-1.26.4 python-dateutil-2.9.0.post0 requests-2.31.0",
            "site-packages : numpy 1.26.4 !, python-dateutil 2.9.0.post0, requests 2.31.0 !",
        ),
        (
            "sudo -H python3.11 -m pip install -U six",
            "Requirement already satisfied: six in /usr/lib/python3/dist-packages (1.16.0)",
            "site-packages : six 1.16.0 !",
        ),
        (
            "pip install pandas",
            "Requirement already satisfied: numpy<2,>=1.22 in ./v/lib (from pandas) (1.26.4)\nInstalling collected packages: pandas\nSuccessfully installed pandas-2.1.0\n\n[notice] A new release of pip is available: 23.2.1 -> 25.0\n",
            "site-packages : numpy 1.26.4, pandas 2.1.0 !",
        ),
        ("cd /w/p && .venv/bin/pip install -r requirements.txt", "Successfully installed six-1.16.0", "venv /w/p/.venv: six 1.16.0"),
        ("source .venv/bin/activate; pip3 install six", "Successfully installed six-1.16.0", "venv /s/mnt/outputs/.venv: six 1.16.0 !"),
        ("pip install -t ./lib six", "Successfully installed six-1.16.0", "site-packages /s/mnt/outputs/lib: six 1.16.0 !"),
        (
            "uv pip install six==1.16.0 -e ./mine",
            "Resolved 2 packages in 172ms\n   Building my-pkg @ file:///w/mine\nInstalled 2 packages in 2ms\n \u{1b}[32m+\u{1b}[39m \u{1b}[1mmy-pkg\u{1b}[0m\u{1b}[2m==0.1 (from file:///w/mine)\u{1b}[0m\n + six==1.16.0\n",
            "venv /s/mnt/outputs/.venv: my-pkg 0.1 <file:///w/mine>, six 1.16.0 !",
        ),
        (
            "uv add 'httpx>=0.27'",
            " - httpx==0.26.0\n + httpx==0.27.2\n + idna==3.4\n",
            "venv /s/mnt/outputs/.venv: httpx 0.27.2 !, idna 3.4",
        ),
        (
            "npx -y pnpm@9 install",
            "dependencies:\n+ @types/node 20.0.0 (26.6.6 is available)\n+ is-odd 3.0.1\n\nDone in 1.2s",
            "node_modules /s/mnt/outputs: @types/node 20.0.0, is-odd 3.0.1",
        ),
        (
            "yarn add is-odd",
            "success Saved 2 new dependencies.\ninfo Direct dependencies\n└─ is-odd@3.0.1\ninfo All dependencies\n├─ is-number@6.0.0\n└─ is-odd@3.0.1",
            "node_modules /s/mnt/outputs: is-odd 3.0.1 !",
        ),
        (
            "sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -o Dpkg::Use-Pty=0 jq libonig5:amd64",
            "jq is already the newest version (1.6-2.1).\nSetting up libonig5:amd64 (6.9.8-1) ...\nSetting up libx (1:2.0-1+b1) ...",
            "dpkg : jq 1.6-2.1 !, libonig5 6.9.8-1 !, libx 1:2.0-1+b1",
        ),
        (
            "cargo install ripgrep --locked",
            "  Installing /root/.cargo/bin/rg\n   Installed package `ripgrep v14.1.0` (executable `rg`)",
            "cargo-install : ripgrep 14.1.0 !",
        ),
        (
            "cargo install --git https://e.org/x x",
            "    Replaced package `x v0.1.0 (https://e.org/x#abc)` with `x v0.2.0 (https://e.org/x#def)` (executable `x`)",
            "cargo-install : x 0.2.0 <https://e.org/x#def> !",
        ),
        (
            "gem install nokogiri rake",
            "Successfully installed nokogiri-1.15.4-x86_64-linux\nSuccessfully installed rake-13.0.6\n2 gems installed",
            "gems : nokogiri 1.15.4 !, rake 13.0.6 !",
        ),
        (
            "brew install jq oniguruma",
            "==> Pouring jq--1.7.1.arm64_sonoma.bottle.tar.gz\n🍺  /opt/homebrew/Cellar/jq/1.7.1: 19 files, 1.3MB\nWarning: oniguruma 6.9.9 is already installed and up-to-date.",
            "brew : jq 1.7.1 !, oniguruma 6.9.9 !",
        ),
        (
            "conda install -y -n work numpy",
            "The following NEW packages will be INSTALLED:\n\n  numpy   conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0 \n\nThe following packages will be UPDATED:\n\n  openssl   3.0.1-h7f_0 --> 3.0.2-h7f_1\n\nExecuting transaction: ...working... done",
            "conda work: numpy 1.26.4 !, openssl 3.0.2",
        ),
        (
            "micromamba install -y -p /opt/e numpy",
            "  Package  Version  Build  Channel  Size\n  + numpy   1.26.4  py311_0  conda-forge  8MB\n\nTransaction finished",
            "conda /opt/e: numpy 1.26.4 !",
        ),
        (
            "poetry add requests",
            "Package operations: 1 install\n\n  - Installing requests (2.31.0)\n",
            "venv /s/mnt/outputs/.venv: requests 2.31.0 !",
        ),
    ] {
        assert_eq!(after(&[(command, answer)]), expected, "{command}");
    }
}

#[test]
fn a_silent_answer_leaves_names_and_the_versions_that_are_pinned() {
    for (command, expected) in [
        ("pip install -q 'six==1.16.0' 'requests[socks]>=2' numpy==1.*", "site-packages : requests !, six 1.16.0 !"),
        (
            "npm install left-pad@1.3.0 react@^18 @types/node@20.0.0 next@latest",
            "node_modules /s/mnt/outputs: @types/node 20.0.0 !, left-pad 1.3.0 !, next !, react !",
        ),
        ("npm i -g typescript@5.4.2", "npm-global : typescript 5.4.2 !"),
        ("npm --prefix chart i odd@npm:is-odd@3.0.0", "node_modules /s/mnt/outputs/chart: is-odd 3.0.0 !"),
        ("apt-get install -y -qq jq=1.6-2.1 g++ > /dev/null", "dpkg : g++ !, jq 1.6-2.1 !"),
        ("conda install -y numpy=1.26 scipy==1.11.4", "conda : numpy !, scipy 1.11.4 !"),
        ("cargo add serde@1", "cargo-target /s/mnt/outputs: serde !"),
        ("gem install rake -v 13.0.6", "gems : rake 13.0.6 !"),
        (
            "pip install -q git+https://e.org/r@abc#egg=mine ./w/idna-3.4-py3-none-any.whl",
            "site-packages : idna 3.4 <./w/idna-3.4-py3-none-any.whl> !, mine <git+https://e.org/r@abc#egg=mine> !",
        ),
        ("pip install $PACKAGES && for p in a b; do pip install $p; done", ""),
        ("pip download six && pip list && pip install --dry-run six && npm run install", ""),
        ("echo 'pip install six' > r.sh; cat <<EOF\npip install six\nEOF\ngrep -r 'npm install x' . # pip install y", ""),
    ] {
        assert_eq!(after(&[(command, "")]), expected, "{command}");
    }
    assert_eq!(
        after(&[("npm install chart.js@4.4.0", "\nadded 12 packages, and audited 13 packages in 2s\n")]),
        "node_modules /s/mnt/outputs: chart.js 4.4.0 !"
    );
}

#[test]
fn what_failed_or_was_never_answered_installed_nothing() {
    let mut said = Said::default();
    said.take("r1", &call("Bash", "pip install six==1.16.0", None, false));
    said.take("r1", &call("Bash", "pip install six==1.16.0", Some("The user doesn't want to proceed"), true));
    said.take("r1", &call("Read", "pip install six==1.16.0", Some(""), false));
    said.take("r1", &call("Bash", "pip install -q six==1.16.0 || true", Some("error: externally-managed-environment"), false));
    said.take("r1", &call("Bash", "npm i left-pad@1.3.0; true", Some("npm error code E404"), false));
    said.take("r1", &call("Bash", "apt-get install -y jq=1 | tail -1", Some("E: Unable to locate package jq"), false));
    said.take("r1", &call("Bash", "uv pip install six==1.0", Some("  × No solution found when resolving dependencies:"), false));
    said.take("r1", &call("Bash", "brew install jq; echo", Some("bash: brew: command not found"), false));
    assert_eq!(told(said), "");
    let mut said = Said::default();
    let answer = "Successfully installed six-1.16.0\nERROR: No matching distribution found for nosuch";
    said.take("r1", &call("Bash", "pip install six && pip install nosuch==1.0", Some(answer), true));
    assert_eq!(told(said), "site-packages : six 1.16.0 !", "what an answer says is there counts, even if something after it failed");
}

#[test]
fn what_is_taken_out_is_gone_and_what_is_put_in_anew_has_its_new_version() {
    let first = ("pip install six==1.15.0 requests", "Successfully installed certifi-2024.2.2 requests-2.31.0 six-1.15.0");
    let upgrade = (
        "pip install -U six",
        "Found existing installation: six 1.15.0\n    Uninstalling six-1.15.0:\n      Successfully uninstalled six-1.15.0\nSuccessfully installed six-1.16.0",
    );
    assert_eq!(after(&[first, upgrade]), "site-packages : certifi 2024.2.2, requests 2.31.0 !, six 1.16.0 !");
    let gone = (
        "pip uninstall -y six Requests",
        "Found existing installation: six 1.15.0\nSuccessfully uninstalled six-1.15.0\nSuccessfully uninstalled requests-2.31.0",
    );
    assert_eq!(after(&[first, gone]), "site-packages : certifi 2024.2.2");
    assert_eq!(
        after(&[("npm i a@1.0.0 b@1.0.0", "added 2 packages"), ("npm rm a", "removed 1 package")]),
        "node_modules /s/mnt/outputs: b 1.0.0 !"
    );
    assert_eq!(after(&[first, ("pip install -q six", "")]), "site-packages : certifi 2024.2.2, requests 2.31.0 !, six 1.15.0 !");
}

#[test]
fn the_folder_of_the_shell_goes_on_and_a_sub_shell_and_a_servers_tool_change_nothing() {
    assert_eq!(
        after(&[
            ("cd chart && (cd deep; ls)", ""),
            ("npm i a@1.0.0", "added 1 package"),
            ("cd ../other; npm i b@1.0.0", "added 1 package")
        ]),
        "node_modules /s/mnt/outputs/chart: a 1.0.0 ! | node_modules /s/mnt/outputs/other: b 1.0.0 !"
    );
    let mut said = Said::starting_in("/w");
    said.take("r1", &call("mcp__workspace__bash", "cd chart", Some(""), false));
    said.take("r1", &call("mcp__workspace__bash", "bash -lc \"npm i a@1.0.0\"", Some("added 1 package"), false));
    assert_eq!(told(said), "node_modules /w: a 1.0.0 !");
}

#[test]
fn several_commands_in_one_line_each_have_what_is_theirs() {
    let answer = "Successfully installed six-1.16.0\nSuccessfully installed idna-3.4\n\nadded 1 package in 1s";
    assert_eq!(
        after(&[("a/bin/pip install six && b/bin/pip install idna && (cd chart; npm i x@1.0.0)", answer)]),
        "node_modules /s/mnt/outputs/chart: x 1.0.0 ! | venv /s/mnt/outputs/a: six 1.16.0 ! | venv /s/mnt/outputs/b: idna 3.4 !"
    );
}

#[test]
fn what_pip_took_from_a_folder_or_an_address_says_so() {
    let answer = "Processing ./localpkg\n  Installing build dependencies: finished with status 'done'\nCollecting six\n  Downloading six-1.16.0-py2.py3-none-any.whl (11 kB)\nProcessing /opt/wheels/idna-3.4-py3-none-any.whl\nSuccessfully installed idna-3.4 localpkg-0.1 six-1.16.0";
    assert_eq!(
        after(&[("pip install ./localpkg six idna", answer)]),
        "site-packages : idna 3.4 </opt/wheels/idna-3.4-py3-none-any.whl> !, localpkg 0.1 <./localpkg>, six 1.16.0 !"
    );
}

proptest::proptest! {
    #[test]
    fn garbage_is_read_without_a_panic(
        command in "(pip|uv pip|npm|apt|cargo|gem|brew|conda|poetry|python -m pip) (install|add|uninstall) [\\PC\n]{0,60}",
        answer in "((Successfully installed|Setting up| \\+|  - Installing|Installed package `|Collecting|🍺  /Cellar/|The following NEW) ?[\\PC]{0,20}\n){0,4}[\\PC]{0,60}",
    ) {
        let mut said = Said::default();
        said.take("r", &call("Bash", &command, Some(&answer), false));
        let _ = said.environments();
    }
}
