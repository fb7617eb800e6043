//! Made-up content: the same words always give the same bytes.

use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::Write;

/// So many bytes that look like noise.
pub(super) fn noise(label: &str, count: usize) -> Vec<u8> {
    let mut out = vec![0; count];
    blake3::Hasher::new().update(label.as_bytes()).finalize_xof().fill(&mut out);
    out
}

/// An identifier in the form of a UUID.
pub(super) fn uuid(label: &str) -> String {
    let h = blake3::hash(label.as_bytes()).to_hex();
    format!("{}-{}-4{}-8{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
}

/// So many hex digits.
pub(super) fn hex(label: &str, digits: usize) -> String {
    blake3::hash(label.as_bytes()).to_hex().chars().take(digits).collect()
}

/// What passes for a word processor's or spreadsheet's file: a zip's first bytes, then noise.
pub(super) fn office(label: &str, count: usize) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\x00\x06\x00".to_vec();
    out.extend(noise(label, count));
    out
}

/// A real picture: a bar chart of this many pixels.
pub(super) fn chart(label: &str, width: u32, height: u32) -> Vec<u8> {
    let heights = noise(label, 12);
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let bar = heights[(x * 12 / width.max(1)) as usize % 12];
            let filled = (height - y) * 255 < u32::from(bar) * height && (x * 12 % width.max(1)) * 10 > width;
            rows.push(if filled { 70 + bar / 2 } else { 250 });
        }
    }
    let mut zip = ZlibEncoder::new(Vec::new(), Compression::fast());
    let packed = zip.write_all(&rows).and_then(|()| zip.finish()).unwrap_or_default();
    let mut head = Vec::new();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 0, 0, 0, 0]); // 8-bit grey (PNG specification, 11.2.2)
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &head), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        out.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        out.extend(kind);
        out.extend(data);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

/// Prose of about so many paragraphs about something.
pub(super) fn prose(about: &str, paragraphs: usize) -> String {
    const LINES: [&str; 8] = [
        "The first pass says one thing, the second another, and the difference is what is worth writing down.",
        "Three people were asked the same question and gave four answers.",
        "What surprised everybody was how little the order of the steps mattered in the end.",
        "The numbers are in the table; what they leave out is in the margin.",
        "It would be easy to call this done, and it is not.",
        "A second reading is due before anything goes out.",
        "Where the source was unclear, the earlier wording was kept and marked.",
        "The next section takes this up again from the other side.",
    ];
    let pick = noise(about, paragraphs * 4);
    let mut out = format!("# {about}\n");
    for chunk in pick.chunks(4) {
        out.push('\n');
        for byte in chunk {
            out.push_str(LINES[usize::from(*byte) % LINES.len()]);
            out.push(' ');
        }
        out.push('\n');
    }
    out
}
