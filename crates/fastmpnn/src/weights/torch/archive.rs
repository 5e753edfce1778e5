//! The zip archive of `torch.save`: `NAME/data.pkl`, `NAME/byteorder`, and one record per storage, `NAME/data/KEY`.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::tensors::Tensors;
use crate::pickle::Objects;

pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// `NAME/`
    prefix: String,
}

impl<'a> Archive<'a> {
    pub(super) fn looks_like(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK\x03\x04")
    }

    pub(super) fn open(bytes: &'a [u8]) -> Result<Archive<'a>, String> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| reason("the zip archive", &error))?;
        let prefix = zip
            .file_names()
            .filter_map(|name| name.ok()?.strip_suffix("data.pkl").map(str::to_owned))
            .find(|prefix| prefix.is_empty() || prefix.ends_with('/'));
        let Some(prefix) = prefix else {
            return Err("it is a zip archive without data.pkl, which torch.save writes".to_owned());
        };
        let mut archive = Archive { zip, prefix };
        if archive.contains("constants.pkl") {
            return Err("it is a TorchScript program; save model.state_dict() instead".to_owned());
        }
        if archive.contains("byteorder") && archive.read("byteorder", 16)? != b"little" {
            return Err("its numbers are big-endian".to_owned());
        }
        Ok(archive)
    }

    pub(super) fn pickle(&mut self) -> Result<Vec<u8>, String> {
        self.read("data.pkl", Tensors::LONGEST)
    }

    /// The storage called `key`, which must have `length` bytes.
    pub(super) fn record(&mut self, key: &str, length: usize) -> Result<Vec<u8>, String> {
        let bytes = self.read(&format!("data/{key}"), length)?;
        if bytes.len() == length {
            Ok(bytes)
        } else {
            let (key, found) = (shown(key), bytes.len());
            Err(format!("its storage {key} has {found} bytes, not {length}"))
        }
    }

    fn contains(&self, name: &str) -> bool {
        self.zip.index_for_name(&format!("{}{name}", self.prefix)).is_some()
    }

    /// A record of at most `most` bytes. Memory grows with the bytes read, not with the size that the archive claims.
    fn read(&mut self, name: &str, most: usize) -> Result<Vec<u8>, String> {
        let record = shown(name);
        let name = format!("{}{name}", self.prefix);
        let entry = self.zip.by_name(&name).map_err(|error| reason(&record, &error))?;
        let mut bytes = Vec::new();
        // One byte more, so that the end of the record is reached and its checksum is verified.
        let read = entry.take(most as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|error| format!("{record} cannot be read: {error}"))?;
        if bytes.len() > most {
            return Err(format!("{record} is longer than {most} bytes"));
        }
        Ok(bytes)
    }
}

fn shown(name: &str) -> String {
    name.escape_debug().take(60).collect()
}

fn reason(record: &str, error: &ZipError) -> String {
    match error {
        ZipError::FileNotFound => format!("{record} is missing"),
        other => format!("{record} cannot be read: {other}"),
    }
}
