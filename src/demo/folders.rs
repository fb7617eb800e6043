//! The user's own folders: where proven copies are.

use super::bytes;
use super::home::{DAY, Home};
use crate::error::Result;

/// The finished report, in the session and in the user's folder.
pub(super) fn report_docx() -> Vec<u8> {
    bytes::office("quarterly report, final", 20_480)
}

/// The cleaned table, in the session and in the user's folder.
pub(super) fn table_csv() -> Vec<u8> {
    let mut out = String::from("month,region,revenue,cost\n");
    for (i, b) in bytes::noise("table", 240).chunks(2).enumerate() {
        let _ = std::fmt::Write::write_fmt(
            &mut out,
            format_args!("{},{},{},{}\n", i % 12 + 1, i / 12, u32::from(b[0]) * 310, u32::from(b[1]) * 190),
        );
    }
    out.into_bytes()
}

/// A figure, in the session and on the desktop.
pub(super) fn figure_png() -> Vec<u8> {
    bytes::chart("figure 3", 960, 540)
}

/// The interview's finished summary, in the session and in the downloads.
pub(super) fn summary_md() -> Vec<u8> {
    bytes::prose("What twelve people said about moving house", 18).into_bytes()
}

pub(super) fn make(home: &mut Home) -> Result<()> {
    let root = home.root.clone();
    let (documents, downloads, desktop) = (root.join("Documents"), root.join("Downloads"), root.join("Desktop"));
    let report = documents.join("Quarterly Report");
    home.put(&report.join("report.docx"), &report_docx(), home.ago(2 * DAY + 1800))?;
    home.put(&report.join("table.csv"), &table_csv(), home.ago(2 * DAY + 2400))?;
    home.put(&report.join("draft.md"), b"# Quarterly report\n\nMy own draft, with my own words.\n", home.ago(3 * DAY))?;
    home.put(&report.join("notes from finance.txt"), b"Ask Ines about the freight costs in August.\n", home.ago(9 * DAY))?;
    home.put(&downloads.join("input.xlsx"), &bytes::office("input", 61_440), home.ago(5 * DAY))?;
    home.put(&downloads.join("summary.md"), &summary_md(), home.ago(10 * DAY))?;
    home.put(&downloads.join("holiday offer.pdf"), &bytes::noise("offer", 9000), home.ago(30 * DAY))?;
    home.put(&desktop.join("Figure 3 for the poster.png"), &figure_png(), home.ago(20 * DAY))?;
    let thesis = documents.join("Thesis");
    home.put(&thesis.join("chapter-3.tex"), bytes::prose("Chapter 3", 30).as_bytes(), home.ago(21 * DAY))?;
    home.put(&thesis.join("data").join("runs.csv"), &bytes::noise("runs", 30_000), home.ago(40 * DAY))?;
    home.put(&documents.join("Web Shop").join("brief.md"), bytes::prose("What the shop must do", 3).as_bytes(), home.ago(8 * DAY))?;
    home.put(&documents.join("Recipes").join("bread.txt"), b"500 g flour, 350 g water, 10 g salt, patience.\n", home.ago(300 * DAY))
}
