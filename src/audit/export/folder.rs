//! The folder of an export: made beside its place, and put there when it is whole.
//!
//! Invariants: an export that was killed leaves nothing under its name; what is under it was written to the disk before. Of a
//! folder that is there already, nothing is written over.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use ring::digest::{Context, SHA256};
use serde::Serialize;

use crate::audit::AuditError;

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedFile {
    /// Its name in the folder.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of what is in it, in hexadecimal.
    pub sha256: String,
    /// How many rows it has, without headings; of a workbook, all its sheets together.
    pub rows: u64,
}

/// A folder that is not in its place yet. When it is dropped before, it is taken away.
#[derive(Debug)]
pub(super) struct Folder {
    target: PathBuf,
    partial: PathBuf,
    is_in_place: bool,
}

/// How the names of files end that an export may leave in a folder that never got to its place.
const OURS: [&str; 3] = ["csv", "json", "xlsx"];

impl Folder {
    /// Makes a folder beside `target`, which has to be empty or not there.
    pub(super) fn beside(target: &Path) -> Result<Self, AuditError> {
        match fs::read_dir(target) {
            Ok(mut entries) => match entries.next() {
                None => {}
                Some(_) => return Err(AuditError::NotEmpty(target.to_owned())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(target, source)),
        }
        let mut name = OsString::from(".");
        name.extend(target.file_name());
        name.push(".followup-partial");
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let partial = parent.unwrap_or(Path::new(".")).join(name);
        // One that was killed left this.
        remove(&partial).map_err(|source| failed(&partial, source))?;
        make(&partial).map_err(|source| failed(&partial, source))?;
        Ok(Self { target: target.to_owned(), partial, is_in_place: false })
    }

    /// Where a file of it is until then.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.partial.join(name)
    }

    /// Begins a file.
    pub(super) fn create(&self, name: &str) -> Result<Hashed, AuditError> {
        let path = self.path(name);
        let file = File::create_new(&path).map_err(|source| failed(&path, source))?;
        Ok(Hashed {
            file: BufWriter::with_capacity(1 << 16, file),
            context: Context::new(&SHA256),
            bytes: 0,
            name: name.to_owned(),
            path,
        })
    }

    /// Puts it in its place.
    pub(super) fn put_in_place(mut self) -> Result<(), AuditError> {
        let put = || -> io::Result<()> {
            synced(&self.partial)?;
            // Not everywhere a folder can be renamed over an empty one.
            match fs::remove_dir(&self.target) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
            fs::rename(&self.partial, &self.target)?;
            match self.target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                Some(parent) => synced(parent),
                None => synced(Path::new(".")),
            }
        };
        put().map_err(|source| failed(&self.target, source))?;
        self.is_in_place = true;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_in_place {
            // There is nowhere left to say that this failed, and the next export tries again.
            drop(remove(&self.partial));
        }
    }
}

/// A file whose content is hashed while it is written.
pub(super) struct Hashed {
    file: BufWriter<File>,
    context: Context,
    bytes: u64,
    name: String,
    path: PathBuf,
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hashed").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Hashed {
    /// Ends the file, on the disk too.
    pub(super) fn finish(mut self, rows: u64) -> Result<ExportedFile, AuditError> {
        let ended = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        ended.map_err(|source| failed(&self.path, source))?;
        Ok(ExportedFile { name: self.name, bytes: self.bytes, sha256: shown(self.context), rows })
    }

    /// Writes all of it, or says which file could not be written.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        self.write_all(bytes).map_err(|source| failed(&self.path, source))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.context.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn shown(context: Context) -> String {
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn failed(path: &Path, source: io::Error) -> AuditError {
    AuditError::File { path: path.to_owned(), source }
}

/// Makes a folder that only its owner can read: it says who did what.
fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Takes a folder of ours away, with files of ours; fails when anything else is in it.
fn remove(path: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| OURS.iter().any(|ours| ending == *ours)) {
            fs::remove_file(file)?;
        }
    }
    fs::remove_dir(path)
}

/// Brings what a folder says of its files to the disk, where the system knows that.
fn synced(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
