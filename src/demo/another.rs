//! One more session in a sample home: a piece of work with everything it installed for it.

use super::bytes::prose;
use super::home::{Home, after};
use super::session::{Session, Story};
use super::talk::Step::{Does, Says, You};
use super::{Shape, app_data, packages, python};
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Makes the session of this number; gives the files it made.
pub(crate) fn another(root: &Path, shape: &Shape, number: u32) -> Result<Vec<PathBuf>> {
    let mut home = Home::new(root, shape);
    let title = format!("Piece of work {number}");
    let account = app_data(root).join("local-agent-mode-sessions").join(super::bytes::uuid("account")).join(super::bytes::uuid("org"));
    let steps = [
        You("Make a table of the tides, and a page that shows it."),
        Does("mcp__workspace__bash", "python3 -m venv venv && venv/bin/pip install openpyxl matplotlib", "Successfully installed"),
        Does("Write", "outputs/tides.md", "File created"),
        Says("The table and the page are in outputs."),
    ];
    let story = Story { title: &title, vm_name: "steady-long-kelvin", ago: 0, steps: &steps, ..Story::default() };
    let s = Session::new(&home, &account, story);
    s.whole(&mut home)?;
    let at = after(s.last, -1);
    let made = [s.output("tides.md"), s.output("page").join("index.html"), s.output("page").join("tides.csv")];
    for path in &made {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        home.put(path, prose(&format!("{title}, {name}"), 6).as_bytes(), at)?;
    }
    python::environment(&mut home, &s.output("venv"), s.started, false)?;
    packages::node(&mut home, &s.output("page"), s.started)?;
    // No two sessions have the same.
    for (name, seconds) in [("package.json", 0), ("package-lock.json", 30)] {
        let path = s.output("page").join(name);
        let mut text = std::fs::read(&path).map_err(|e| crate::error::Error::io("cannot read", &path, e))?;
        text.extend(std::iter::repeat_n(b' ', number as usize));
        home.put(&path, &text, after(s.started, seconds))?;
    }
    home.finish()?;
    Ok(made.into_iter().chain([s.output("page").join("package.json"), s.output("page").join("package-lock.json")]).collect())
}
