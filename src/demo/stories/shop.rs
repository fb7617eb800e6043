//! Web shop prototype: packages with a lock, packages without, a repository, very long paths.

use crate::demo::bytes::prose;
use crate::demo::home::{DAY, Home, after};
use crate::demo::packages;
use crate::demo::session::{Session, Story};
use crate::demo::talk::Step::{Does, Says, You};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("Make a small web shop for candles. No framework bigger than it needs."),
        Does("mcp__workspace__bash", "npm install", "added 8 packages in 4s"),
        Does("Write", "outputs/shop/src/basket.js", "File created"),
        Says("The basket works without a server; the orders go out as mail for now."),
        You("What about the old site's slider?"),
        Says("Its package is gone from the registry, so I kept the patched copy in `old-site/node_modules`."),
    ];
    let story = Story {
        title: "Web shop prototype",
        vm_name: "eager-gentle-lovelace",
        ago: 7 * DAY,
        folders: vec![home.root.join("Documents").join("Web Shop")],
        steps: &steps,
        ..Story::default()
    };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    let shop = s.output("shop");
    let at = after(s.last, -90);
    packages::node(home, &shop, s.started)?;
    packages::node_without_lock(home, &s.output("old-site"), s.started)?;
    home.put(&shop.join("index.html"), b"<!doctype html><title>Candles</title>\n", at)?;
    home.put(&shop.join("src").join("basket.js"), b"export const basket = [];\n", at)?;
    home.put(&shop.join(".git").join("HEAD"), b"ref: refs/heads/main\n", at)?;
    home.put(&shop.join(".git").join("refs").join("heads").join("main"), b"0123456789abcdef0123456789abcdef01234567\n", at)?;
    let deep = (0..9).fold(s.output("research"), |path, n| path.join(format!("level {n}, what other candle shops do and why")));
    home.put(&deep.join("findings.md"), prose("What other candle shops do", 5).as_bytes(), at)
}
