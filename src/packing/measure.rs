//! How much packing gains, measured: every file is packed into nothing.

use super::{LEVEL, Pack};
use crate::model::{Catalog, Progress, Skipped, Watch};
use crate::platform::open_beneath;
use rayon::prelude::*;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

/// Packs every file into nothing and notes what it would take; what gains too little is left out.
pub fn measure(catalog: &Catalog, pack: &mut Pack, watch: &dyn Watch) {
    let progress = Mutex::new(Progress {
        verb: "Measuring",
        files_total: Some(pack.items.len() as u64),
        bytes_total: Some(pack.items.iter().map(|i| i.bytes).sum()),
        ..Progress::default()
    });
    let one = |item: &mut super::Item| {
        if watch.stopped() {
            return Err("stopped before it was measured".to_owned());
        }
        let root = catalog.store_of(item.node).map(|ix| catalog.store(ix).root.clone()).unwrap_or_default();
        item.packed_bytes = size(&root, &catalog.path(item.node)).map_err(|e| format!("it cannot be read: {e}"))?;
        if let Ok(mut progress) = progress.lock() {
            progress.files += 1;
            progress.bytes += item.bytes;
            watch.at(&progress);
        }
        if item.packed_bytes > item.bytes - item.bytes / 10 { Err("packing gains less than a tenth".to_owned()) } else { Ok(()) }
    };
    let told: Vec<Result<(), String>> = pack.items.par_iter_mut().map(one).collect();
    let mut told = told.into_iter();
    let skipped = &mut pack.skipped;
    pack.items.retain(|item| match told.next() {
        Some(Err(reason)) => {
            skipped.push(Skipped { path: item.path.clone(), reason });
            false
        }
        _ => true,
    });
}

fn size(root: &Path, path: &Path) -> io::Result<u64> {
    let mut packer = zstd::stream::write::Encoder::new(Count(0), LEVEL)?;
    io::copy(&mut open_beneath(root, path)?, &mut packer)?;
    Ok(packer.finish()?.0)
}

struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
