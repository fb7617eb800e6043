//! Thesis figures: folders whose names lie, and an environment with the user's own notes in it.

use crate::demo::bytes::{chart, noise};
use crate::demo::home::{DAY, Home, after};
use crate::demo::session::{Session, Story};
use crate::demo::talk::Step::{Does, Says, You};
use crate::demo::{folders, python, rust};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("Redraw the eight figures of chapter 3 in one style. Colour-blind safe, please."),
        Does("mcp__workspace__bash", "ls mnt/Thesis/data", "runs.csv"),
        Does("mcp__workspace__bash", "python3 figures.py", "8 figures written"),
        Says("All eight are in `outputs/figures`. Figure 7 still has too few points to say anything."),
        You("Figure 3 is perfect, I took it for the poster."),
        Says("Good. I kept the earlier versions in `outputs/figures/old`."),
    ];
    let story = Story {
        title: "Thesis figures",
        vm_name: "confident-awesome-gauss",
        ago: 20 * DAY,
        folders: vec![home.root.join("Documents").join("Thesis")],
        host_loop: false,
        steps: &steps,
        ..Story::default()
    };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    let at = after(s.last, -300);
    home.put(&s.output("figures").join("figure-3.png"), &folders::figure_png(), at)?;
    for n in [1, 2, 4, 5, 6, 7, 8] {
        home.put(&s.output("figures").join(format!("figure-{n}.png")), &chart(&format!("figure {n}"), 960, 540), at)?;
    }
    home.put(&s.output("figures").join("old").join("figure-3.png"), &chart("figure 3, before", 960, 540), at)?;
    home.put(&s.output("runs-cleaned.csv"), &noise("runs cleaned", 240_000), at)?;
    rust::traps(home, &s.dir.join("outputs"), at)?;
    python::environment(home, &s.output("venv"), s.started, true)
}
