//! Arrays in NumPy's formats: `.npy` for one, `.npz` for several named ones. Reading them does not need pickle.
//!
//! The format is NumPy's NEP 1, version 1.0: a magic number, a header that is a Python dictionary padded to 64 bytes, the
//! values in row-major little-endian order. A `.npz` is a zip archive of such files, stored without compression as
//! `numpy.savez` writes it.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// An array with the name it has in an `.npz`.
#[derive(Clone, Debug)]
pub struct NamedArray<'a> {
    /// Its key in the result of `numpy.load`.
    pub name: &'a str,
    /// Its sizes, outermost first.
    pub shape: Vec<usize>,
    /// Its values, row major; their number is the product of the shape.
    pub values: Values<'a>,
}

/// The values of an array.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// Single precision, `<f4`.
    Float(&'a [f32]),
    /// Integers, `<i4`.
    Integer(Vec<i32>),
    /// Long integers, `<i8`.
    Long(Vec<i64>),
    /// Booleans, `|b1`.
    Flag(Vec<bool>),
    /// Strings, `<U` with the length of the longest.
    Text(Vec<String>),
}

impl Values<'_> {
    fn len(&self) -> usize {
        match self {
            Values::Float(values) => values.len(),
            Values::Integer(values) => values.len(),
            Values::Long(values) => values.len(),
            Values::Flag(values) => values.len(),
            Values::Text(values) => values.len(),
        }
    }

    /// Characters of the longest text; NumPy has no texts of no length.
    fn width(texts: &[String]) -> usize {
        texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1)
    }

    fn kind(&self) -> String {
        match self {
            Values::Float(_) => "<f4".to_owned(),
            Values::Integer(_) => "<i4".to_owned(),
            Values::Long(_) => "<i8".to_owned(),
            Values::Flag(_) => "|b1".to_owned(),
            Values::Text(texts) => format!("<U{}", Values::width(texts)),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Values::Float(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Integer(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Long(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Flag(values) => values.iter().map(|&value| u8::from(value)).collect(),
            Values::Text(texts) => {
                let width = Values::width(texts);
                let padded = |text: &String| -> Vec<u32> {
                    text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width).collect()
                };
                texts.iter().flat_map(padded).flat_map(u32::to_le_bytes).collect()
            }
        }
    }
}

/// Writes an array as `.npy`; its name is not part of the format.
pub fn write_npy(out: &mut impl Write, array: &NamedArray) -> io::Result<()> {
    let size: usize = array.shape.iter().product();
    if size != array.values.len() {
        let reason = format!("array {}: {} values for the shape {:?}", array.name, array.values.len(), array.shape);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    // A tuple of one has a comma: (3,).
    let shape: String = array.shape.iter().map(|size| format!("{size}, ")).collect();
    let kind = array.values.kind();
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    const BEFORE: usize = 10;
    let padding = 63 - (BEFORE + header.len()) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let length = u16::try_from(header.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "an array of too many dimensions"))?;
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    out.write_all(&array.values.bytes())
}

/// Writes arrays by name as `.npz`. The same arrays give the same bytes.
pub fn write_npz(mut out: impl Write, arrays: &[NamedArray]) -> io::Result<()> {
    // Of one time and without permissions, wherever and whenever it is written.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .external_attributes(0);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for array in arrays {
        archive.start_file(format!("{}.npy", array.name), options)?;
        write_npy(&mut archive, array)?;
    }
    out.write_all(archive.finish()?.get_ref())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_a_dictionary_padded_to_64_bytes() {
        let mut bytes = Vec::new();
        let array = NamedArray { name: "x", shape: vec![2, 1], values: Values::Float(&[1.0, -2.5]) };
        write_npy(&mut bytes, &array).unwrap();
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((10 + length) % 64, 0);
        let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
        assert_eq!(header.trim_end(), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1,), }");
        assert!(header.ends_with('\n'));
        assert_eq!(bytes[10 + length..], [1.0_f32.to_le_bytes(), (-2.5_f32).to_le_bytes()].concat());
    }

    #[test]
    fn texts_are_padded_to_the_longest() {
        let mut bytes = Vec::new();
        let values = Values::Text(vec!["A".to_owned(), String::new(), "é1".to_owned()]);
        write_npy(&mut bytes, &NamedArray { name: "chain", shape: vec![3], values }).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("'<U2'") && text.contains("'shape': (3,), }"), "{text}");
        let values: Vec<u32> =
            bytes[bytes.len() - 24..].chunks(4).map(|b| u32::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!(values, [65, 0, 0, 0, 233, 49]);
    }

    #[test]
    fn a_shape_of_another_size_is_refused() {
        let array = NamedArray { name: "x", shape: vec![3], values: Values::Float(&[1.0]) };
        assert!(write_npy(&mut Vec::new(), &array).is_err());
    }

    #[test]
    fn an_archive_stores_its_arrays_and_is_the_same_every_time() {
        let numbers = [1.0, -2.5];
        let arrays = [
            NamedArray { name: "log_probs", shape: vec![1, 2], values: Values::Float(&numbers) },
            NamedArray { name: "designed", shape: vec![1], values: Values::Flag(vec![true]) },
        ];
        let (mut first, mut second) = (Vec::new(), Vec::new());
        write_npz(&mut first, &arrays).unwrap();
        write_npz(&mut second, &arrays).unwrap();
        assert_eq!(first, second);
        // The date of the first file's header: the first of January 1980, the earliest there is.
        assert_eq!(first[10..14], [0, 0, 0x21, 0]);
        let mut archive = zip::ZipArchive::new(Cursor::new(first)).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["log_probs.npy", "designed.npy"]);
        for array in &arrays {
            let mut expected = Vec::new();
            write_npy(&mut expected, array).unwrap();
            let mut file = archive.by_name(&format!("{}.npy", array.name)).unwrap();
            assert_eq!(file.compression(), CompressionMethod::Stored);
            let mut found = Vec::new();
            io::Read::read_to_end(&mut file, &mut found).unwrap();
            assert_eq!(found, expected, "{}", array.name);
        }
    }
}
