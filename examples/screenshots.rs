//! Makes the pictures in `assets/`: real frames of the interface on the sample home, drawn as SVG.
//!
//! `cargo run --release --example screenshots`

use lifeboat::demo::{self, Shape};
use lifeboat::scan::{self, Options as ScanOptions};
use lifeboat::tui::{Options, stage::Stage};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

const CELL: (f32, f32) = (8.4, 18.0);

struct Palette {
    ink: &'static str,
    paper: &'static str,
    sixteen: [&'static str; 16],
}

const DARK: Palette = Palette {
    ink: "#d8dee9",
    paper: "#14171d",
    sixteen: [
        "#1b1f27", "#e06c75", "#8cc265", "#d8a657", "#6ca4e8", "#c678dd", "#4fb8c0", "#d8dee9", "#6b7484", "#ff7b86", "#a5e075", "#f0c674",
        "#82b8ff", "#d99bf0", "#6fd3da", "#ffffff",
    ],
};

const LIGHT: Palette = Palette {
    ink: "#24292f",
    paper: "#ffffff",
    sixteen: [
        "#24292f", "#c4262e", "#2d7d32", "#8f6500", "#0a58ca", "#8250df", "#0f7680", "#57606a", "#6e7781", "#d1242f", "#1a7f37", "#9a6700",
        "#0969da", "#8250df", "#1b7c83", "#24292f",
    ],
};

impl Palette {
    fn colour(&self, colour: Color, reset: &'static str) -> String {
        let at = match colour {
            Color::Reset => return reset.into(),
            Color::Rgb(r, g, b) => return format!("#{r:02x}{g:02x}{b:02x}"),
            Color::Indexed(i) => usize::from(i) % 16,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        };
        self.sixteen[at].into()
    }
}

fn svg(frame: &Buffer, palette: &Palette) -> String {
    let (columns, rows) = (f32::from(frame.area.width), f32::from(frame.area.height));
    let (width, height) = (columns * CELL.0 + 24.0, rows * CELL.1 + 24.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        palette.paper
    );
    for y in 0..frame.area.height {
        for x in 0..frame.area.width {
            let cell = &frame[(x, y)];
            let (mut ink, mut paper) = (palette.colour(cell.fg, palette.ink), palette.colour(cell.bg, palette.paper));
            if cell.modifier.contains(Modifier::REVERSED) {
                std::mem::swap(&mut ink, &mut paper);
            }
            let (left, top) = (12.0 + f32::from(x) * CELL.0, 12.0 + f32::from(y) * CELL.1);
            let wide = cell.symbol().width().max(1) as f32 * CELL.0;
            if paper != palette.paper {
                let _ = writeln!(
                    out,
                    "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{paper}\"/>",
                    wide + 0.4,
                    CELL.1 + 0.2
                );
            }
            if cell.symbol().trim().is_empty() {
                continue;
            }
            let bold = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let dim = if cell.modifier.contains(Modifier::DIM) { " opacity=\"0.62\"" } else { "" };
            let line = if cell.modifier.contains(Modifier::UNDERLINED) { " text-decoration=\"underline\"" } else { "" };
            let text = cell.symbol().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(out, "<text x=\"{left:.1}\" y=\"{:.1}\" fill=\"{ink}\"{bold}{dim}{line}>{text}</text>", top + 13.5);
        }
    }
    out + "</svg>\n"
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    std::fs::create_dir_all(&assets)?;
    let dir = tempfile::tempdir()?;
    let home = dir.path().join("home");
    let now: jiff::Timestamp = "2026-11-16T09:30:00Z".parse()?;
    demo::make(&home, &Shape { now, bulk: 40 })?;
    let world = demo::world(&home).with_clock(now);
    let stage = |size| {
        let catalog = scan::run(&world, ScanOptions::default());
        let mut stage = Stage::new(world.clone(), Options { read_only: false, colour: true, ascii: false, mouse: true }, catalog, size);
        stage.free(8_700_000_000, 494_000_000_000);
        stage
    };
    let mut tree = stage((132, 36));
    for key in ['l', 'j', 'l', 'j', 'l', 'j'] {
        tree.key(key);
    }
    std::fs::write(assets.join("tree-dark.svg"), svg(&tree.frame(), &DARK))?;
    std::fs::write(assets.join("tree-light.svg"), svg(&tree.frame(), &LIGHT))?;
    // What is safe, and one file that is not.
    let mut plan = stage((116, 26));
    for key in ['h', 'j', 'a', 'h', 'j', 'a', 'g', 'l', 'j', 'j', 'l', 'j', 'l', 'j', ' ', 'c'] {
        plan.key(key);
    }
    std::fs::write(assets.join("plan-dark.svg"), svg(&plan.frame(), &DARK))?;
    // Sessions, flushed first; one of them unfolded.
    let mut three = stage((116, 26));
    for key in "vgj    ".chars() {
        three.key(key);
    }
    three.key('F');
    for key in "jj ".chars() {
        three.key(key);
    }
    std::fs::write(assets.join("flush-first-dark.svg"), svg(&three.frame(), &DARK))?;
    std::fs::write(assets.join("flush-first-light.svg"), svg(&three.frame(), &LIGHT))?;
    // A conversation, one of its tools unfolded.
    let mut reader = stage((116, 26));
    for key in "v/quarterly".chars() {
        reader.key(key);
    }
    reader.press(KeyCode::Enter);
    for key in "gtjjjjjjjo".chars() {
        reader.key(key);
    }
    std::fs::write(assets.join("reader-dark.svg"), svg(&reader.frame(), &DARK))?;
    Ok(())
}
