//! Garden planner: at work right now.

use crate::demo::bytes::prose;
use crate::demo::home::Home;
use crate::demo::session::{Session, Story};
use crate::demo::talk::Step::{Does, Says, You};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("Plan the beds for next spring: tomatoes must not follow potatoes."),
        Says("Then bed 2 gets beans this year."),
        Does("Write", "outputs/plan.md", "File created"),
    ];
    let story = Story { title: "Garden planner", vm_name: "mellow-green-mendel", ago: 20, steps: &steps, ..Story::default() };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    home.put(&s.output("plan.md"), prose("Beds for next spring", 4).as_bytes(), s.last)
}
