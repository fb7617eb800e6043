//! Quarterly report: some of it saved to the user's folder, some of it only said to be.

use crate::demo::bytes::{chart, noise, prose};
use crate::demo::home::{DAY, Home, after};
use crate::demo::session::{Session, Story};
use crate::demo::talk::Step::{Does, Says, Skill, You};
use crate::demo::{folders, python};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    let folder = home.root.join("Documents").join("Quarterly Report");
    let steps = [
        You(
            "<uploaded_files>\n<file><file_path>input.xlsx</file_path></file>\n</uploaded_files>\n\nPlease turn `input.xlsx` into the quarterly report, with a chart.",
        ),
        Skill(
            "Base directory for this skill: /sessions/pensive-youthful-mendel/mnt/.skills/skills/xlsx\n\n# Spreadsheets\nRead the sheet before writing anything.",
        ),
        Says("I'll read the sheet first."),
        Does("mcp__workspace__bash", "python3 scratch/read.py uploads/input.xlsx", "214 rows, 6 columns, 3 of them empty"),
        Says("The table is clean apart from two freight lines in August. I'll write the cleaned table and the report."),
        Does("Write", "outputs/draft.md", "File created"),
        Does("mcp__workspace__bash", "python3 scratch/build.py && cp outputs/report.docx outputs/table.csv 'mnt/Quarterly Report/'", ""),
        You("Can you add a bar chart by region?"),
        Does("mcp__workspace__bash", "python3 scratch/chart.py", "chart.png 640x360"),
        Says("The chart is done. I saved report.docx, table.csv and chart.png to your folder."),
    ];
    let story = Story {
        title: "Quarterly report",
        vm_name: "pensive-youthful-mendel",
        ago: 2 * DAY,
        folders: vec![folder.clone()],
        steps: &steps,
        ..Story::default()
    };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    let at = after(s.last, -120);
    home.put(&s.output("report.docx"), &folders::report_docx(), at)?;
    home.put(&s.output("table.csv"), &folders::table_csv(), at)?;
    home.put(&s.output("chart.png"), &chart("revenue by region", 640, 360), at)?;
    home.put(&s.output("draft.md"), prose("Quarterly report", 14).as_bytes(), at)?;
    home.put(&s.output("empty.log"), b"", at)?;
    home.link(&s.output("the report folder"), &folder, at)?;
    home.hard(&s.upload("input.xlsx"), &home.root.join("Downloads").join("input.xlsx"))?;
    home.put(&s.output("scratch").join("read.py"), b"import openpyxl\nprint('214 rows')\n", at)?;
    home.put(&s.output("scratch").join("rows.parquet"), &noise("rows", 180_000), at)?;
    python::environment(home, &s.output("scratch").join(".venv"), s.started, false)
}
