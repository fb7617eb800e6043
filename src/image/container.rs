//! What an image file is, told by its content: the disk in it, and the ext4 file system on that.

use super::asif::{self, Asif};
use super::partitions;
use super::source::{Guarded, Plain, Source, Turns, bytes_at};
use super::trouble::Trouble;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The form an image has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The disk's bytes as they are.
    Raw,
    /// Hyper-V's container.
    Vhdx,
    /// QEMU's container.
    Qcow2,
    /// The sparse image of macOS 26.
    Asif,
}

impl Form {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Vhdx => "VHDX",
            Self::Qcow2 => "qcow2",
            Self::Asif => "ASIF",
        }
    }
}

/// A file system in an image.
#[derive(Debug)]
pub struct Found {
    /// The form of the image.
    pub form: Form,
    /// Whether it lies in a partition.
    pub partition: bool,
    /// Its bytes.
    pub system: Arc<dyn Source>,
}

/// No disk is larger; a size beyond is damage.
const LARGEST: u64 = 64 << 40;
/// The longest table of a container that is read, and the longest piece once it is open.
const TABLE: usize = 64 << 20;
const PIECE: usize = 16 << 20;

/// Finds the file system in an image.
pub fn find(file: File) -> Result<Found, Trouble> {
    let plain = Plain::new(file.try_clone()?)?;
    let mut head = vec![0; usize::try_from(plain.size().min(4096)).unwrap_or(4096)];
    plain.read_at(0, &mut head)?;
    let (form, disk): (Form, Arc<dyn Source>) = match head.as_slice() {
        [b'v', b'h', b'd', b'x', b'f', b'i', b'l', b'e', ..] => (Form::Vhdx, in_vhdx(file)?),
        [b'Q', b'F', b'I', 0xfb, ..] => (Form::Qcow2, in_qcow2(file)?),
        head if head.starts_with(asif::MAGIC) => (Form::Asif, Arc::new(Asif::open(Arc::new(plain))?)),
        head if head.starts_with(b"conectix") => return Err(Trouble::NotRead("a VHD of the old kind".into())),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(Trouble::NotRead("packed with zstd".into())),
        _ => (Form::Raw, Arc::new(plain)),
    };
    if disk.size() > LARGEST {
        return Err(Trouble::damaged("the container", "the disk in it would be larger than any is"));
    }
    if is_ext4(&*disk) {
        return Ok(Found { form, partition: false, system: disk });
    }
    match partitions::find(&disk, is_ext4)? {
        Some(system) => Ok(Found { form, partition: true, system }),
        None => Err(Trouble::Unknown),
    }
}

/// Whether an ext file system's superblock stands where it must.
fn is_ext4(source: &dyn Source) -> bool {
    bytes_at(source, 1080, 2).is_ok_and(|magic| magic == [0x53, 0xef])
}

fn in_vhdx(file: File) -> Result<Arc<dyn Source>, Trouble> {
    let (guarded, most) = Guarded::new(file, TABLE);
    let reader = vhdx::VhdxReader::open_reader(Box::new(guarded)).map_err(|e| match e {
        vhdx::VhdxError::DifferencingNotSupported => Trouble::NotRead("the difference to another VHDX".into()),
        e => Trouble::damaged("the VHDX container", e.to_string()),
    })?;
    most.store(PIECE, Ordering::Relaxed);
    let size = reader.virtual_disk_size();
    Ok(Arc::new(Turns::new(reader, size)))
}

fn in_qcow2(file: File) -> Result<Arc<dyn Source>, Trouble> {
    let (guarded, most) = Guarded::new(file, TABLE);
    let reader = qcow2::Qcow2Reader::from_reader(guarded).map_err(|e| Trouble::damaged("the qcow2 container", e.to_string()))?;
    most.store(PIECE, Ordering::Relaxed);
    let size = reader.virtual_disk_size();
    Ok(Arc::new(Turns::new(reader, size)))
}
