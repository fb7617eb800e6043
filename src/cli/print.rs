//! Totals and sessions for people.

use super::ctx::Ctx;
use super::sizes::{count, size};
use crate::model::{Class, Totals};

/// The three totals, a line each.
pub(super) fn totals(ctx: &Ctx, totals: &Totals) -> String {
    let rows: Vec<Vec<String>> = Class::ALL
        .into_iter()
        .map(|class| {
            let t = totals.of(class);
            let label = ctx.style.class(class, &format!("{} {}", class.sign(), class.label()));
            vec![label, size(t.bytes), count(t.files, "file"), format!("{} on disk", size(t.allocated))]
        })
        .collect();
    super::table::table(&["", ">", ">", ">"], &rows)
}

/// The sizes of the three classes, as cells.
pub(super) fn cells(ctx: &Ctx, totals: &Totals) -> Vec<String> {
    let cell = |class: Class| {
        let bytes = totals.of(class);
        if bytes.files == 0 { ctx.style.dim("-") } else { ctx.style.class(class, &format!("{} {}", class.sign(), size(bytes.bytes))) }
    };
    Class::ALL.into_iter().map(cell).collect()
}
