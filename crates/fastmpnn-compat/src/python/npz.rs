//! Arrays of numbers that NumPy wrote: `.npz`, a zip archive of `.npy` files, stored or deflated.
//!
//! Source: NumPy's NEP 1.

use std::io::{Cursor, Read};

use anyhow::{Context, Result, bail};
use zip::ZipArchive;

/// An array.
#[derive(Debug, PartialEq)]
pub(crate) struct NpzArray {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// Row major.
    pub(crate) values: Vec<f64>,
}

/// The largest array, bytes; those of a PSSM are far smaller.
const LARGEST: u64 = 1 << 30;

/// Reads every array of an archive, in the order of its directory.
pub(crate) fn read_npz(bytes: &[u8]) -> Result<Vec<NpzArray>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).context("it is not a zip archive")?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).context("the archive is damaged")?;
        let name = file.name().context("the archive is damaged")?;
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        if file.size() > LARGEST {
            bail!("array {name} takes more than 1 GiB");
        }
        let mut content = Vec::new();
        let read = file.take(LARGEST).read_to_end(&mut content);
        read.with_context(|| format!("array {name}: the archive is damaged"))?;
        arrays.push(read_npy(name.clone(), &content).with_context(|| format!("array {name}"))?);
    }
    Ok(arrays)
}

fn read_npy(name: String, bytes: &[u8]) -> Result<NpzArray> {
    if !bytes.starts_with(b"\x93NUMPY") {
        bail!("it is not a NumPy array");
    }
    let (begin, length): (usize, usize) = match bytes.get(6) {
        Some(1) => (10, usize::from(u16_at(bytes, 8)?)),
        _ => (12, u32_at(bytes, 8)? as usize),
    };
    let header = bytes.get(begin..begin.saturating_add(length)).context("its header ends early")?;
    let header = String::from_utf8_lossy(header);
    let after = |key: &str| header.split_once(key).map(|(_, rest)| rest.trim_start_matches(['\'', '"', ':', ' ']));
    let kind = after("descr").and_then(|rest| rest.split(['\'', '"']).next()).context("its header names no type")?;
    let shape = after("shape").and_then(|rest| rest.strip_prefix('(')).and_then(|rest| rest.split_once(')'));
    let sizes = shape.context("its header names no shape")?.0.split(',').map(str::trim).filter(|size| !size.is_empty());
    let shape: Vec<usize> = sizes.map(|size| size.parse().context("its shape is damaged")).collect::<Result<_>>()?;
    let content = bytes.get(begin + length..).unwrap_or_default();
    let values: Vec<f64> = match kind {
        "<f4" => numbers(content, |bytes| f64::from(f32::from_le_bytes(bytes))),
        "<f8" => numbers(content, f64::from_le_bytes),
        "<i4" => numbers(content, |bytes| f64::from(i32::from_le_bytes(bytes))),
        "<i8" => numbers(content, |bytes| i64::from_le_bytes(bytes) as f64),
        _ => bail!("its numbers are of type {kind}; f4, f8, i4 and i8 are read"),
    };
    let size = shape.iter().try_fold(1_usize, |size, &next| size.checked_mul(next));
    if size != Some(values.len()) {
        bail!("it holds {} numbers for the shape {shape:?}", values.len());
    }
    if header.contains("'fortran_order': True") && shape.len() > 1 {
        bail!("it is stored column by column; numpy.ascontiguousarray converts it");
    }
    Ok(NpzArray { name, shape, values })
}

fn numbers<const SIZE: usize>(bytes: &[u8], number: impl Fn([u8; SIZE]) -> f64) -> Vec<f64> {
    let (chunks, _) = bytes.as_chunks::<SIZE>();
    chunks.iter().map(|&chunk| number(chunk)).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).context("it ends early")?;
    Ok(u16::from_le_bytes(*field))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).context("it ends early")?;
    Ok(u32::from_le_bytes(*field))
}

#[cfg(test)]
mod tests {
    use fastmpnn::write::{NamedArray, Values, write_npz};

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut bytes = Vec::new();
        let arrays = [
            NamedArray { name: "A_coef", shape: vec![2], values: Values::Float(&[0.5, -1.0]) },
            NamedArray { name: "n", shape: vec![1, 2], values: Values::Long(vec![3, 4]) },
        ];
        write_npz(&mut bytes, &arrays).unwrap();
        let read = read_npz(&bytes).unwrap();
        assert_eq!(read[0], NpzArray { name: "A_coef".to_owned(), shape: vec![2], values: vec![0.5, -1.0] });
        assert_eq!(read[1], NpzArray { name: "n".to_owned(), shape: vec![1, 2], values: vec![3.0, 4.0] });
        for cut in 0..bytes.len() {
            assert!(read_npz(&bytes[..cut]).is_err(), "{cut} bytes");
        }
    }
}
