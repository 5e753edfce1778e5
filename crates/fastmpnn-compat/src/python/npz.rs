//! Arrays of numbers that NumPy wrote: `.npz`, a zip archive of `.npy` files, stored or deflated.
//!
//! Sources: NumPy's NEP 1; PKWARE's APPNOTE.TXT 6.3, sections 4.3.12 (central directory) and 4.3.16 (its end).

use std::io::Read;

use anyhow::{Context, Result, bail};

/// An array.
#[derive(Debug, PartialEq)]
pub(crate) struct Array {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// Row major.
    pub(crate) values: Vec<f64>,
}

/// Arrays that take more than this are none of ours, bytes.
const LARGEST: u64 = 1 << 30;

/// Reads every array of an archive.
pub(crate) fn read_npz(bytes: &[u8]) -> Result<Vec<Array>> {
    const END: [u8; 4] = [b'P', b'K', 5, 6];
    const LENGTH_OF_END: usize = 22;
    const ENTRY: [u8; 4] = [b'P', b'K', 1, 2];
    let end = bytes.windows(4).rposition(|window| window == END).context("it is no zip archive")?;
    bytes.get(end..end + LENGTH_OF_END).context("the archive ends early")?;
    let count = u16_at(bytes, end + 10)?;
    let mut at = u32_at(bytes, end + 16)? as usize;
    let mut arrays = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at + 4) != Some(&ENTRY[..]) {
            bail!("the archive's directory is damaged");
        }
        let method = u16_at(bytes, at + 10)?;
        let (packed, unpacked) = (u32_at(bytes, at + 20)? as usize, u64::from(u32_at(bytes, at + 24)?));
        let lengths = [u16_at(bytes, at + 28)?, u16_at(bytes, at + 30)?, u16_at(bytes, at + 32)?];
        let local = u32_at(bytes, at + 42)? as usize;
        let [name_length, extra, comment] = lengths.map(usize::from);
        let name = bytes.get(at + 46..at + 46 + name_length).context("the archive ends early")?;
        let name = String::from_utf8_lossy(name).into_owned();
        at += 46 + name_length + extra + comment;
        let begin = local + 30 + usize::from(u16_at(bytes, local + 26)?) + usize::from(u16_at(bytes, local + 28)?);
        let content = bytes.get(begin..begin.saturating_add(packed)).context("the archive ends early")?;
        let content = match method {
            0 => content.to_vec(),
            8 if unpacked <= LARGEST => {
                let mut out = Vec::new();
                flate2::read::DeflateDecoder::new(content).take(unpacked).read_to_end(&mut out)?;
                out
            }
            _ => bail!("{name} is packed in a way that NumPy does not use"),
        };
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        arrays.push(read_npy(name.clone(), &content).with_context(|| format!("array {name}"))?);
    }
    Ok(arrays)
}

fn read_npy(name: String, bytes: &[u8]) -> Result<Array> {
    if !bytes.starts_with(b"\x93NUMPY") {
        bail!("it is no NumPy array");
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
        bail!("it is stored column by column; numpy.ascontiguousarray turns it");
    }
    Ok(Array { name, shape, values })
}

fn numbers<const SIZE: usize>(bytes: &[u8], number: impl Fn([u8; SIZE]) -> f64) -> Vec<f64> {
    let (chunks, _) = bytes.as_chunks::<SIZE>();
    chunks.iter().map(|&chunk| number(chunk)).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).context("the archive ends early")?;
    Ok(u16::from_le_bytes(*field))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).context("the archive ends early")?;
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
        assert_eq!(read[0], Array { name: "A_coef".to_owned(), shape: vec![2], values: vec![0.5, -1.0] });
        assert_eq!(read[1], Array { name: "n".to_owned(), shape: vec![1, 2], values: vec![3.0, 4.0] });
        for cut in 0..bytes.len() {
            assert!(read_npz(&bytes[..cut]).is_err(), "{cut} bytes");
        }
    }
}
