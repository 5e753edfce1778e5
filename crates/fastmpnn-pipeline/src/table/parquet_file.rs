//! Tables as Apache Parquet. Every column is optional; text is UTF-8.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::{Column, Kind, NumberedRow, Schema, Value};
use crate::error::{PipelineError, unusable};

/// The rows of a Parquet file.
pub(super) struct ParquetRows {
    rows: RowIter<'static>,
    number: u64,
}

impl ParquetRows {
    pub(super) fn of_file(file: File) -> Result<(Schema, ParquetRows), ParquetError> {
        ParquetRows::of(SerializedFileReader::new(file)?)
    }

    pub(super) fn of_bytes(bytes: Vec<u8>) -> Result<(Schema, ParquetRows), ParquetError> {
        ParquetRows::of(SerializedFileReader::new(parquet_bytes(bytes))?)
    }

    fn of<R: ChunkReader + 'static>(reader: SerializedFileReader<R>) -> Result<(Schema, ParquetRows), ParquetError> {
        let metadata = reader.metadata().file_metadata();
        let columns = metadata.schema().get_fields().iter().map(|field| Column::new(field.name(), kind_of(field)));
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        let pairs = pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)));
        let schema = Schema { columns: columns.collect(), metadata: pairs.collect() };
        let rows = RowIter::from_file_into(Box::new(reader));
        Ok((schema, ParquetRows { rows, number: 0 }))
    }

    pub(super) fn next_row(&mut self, name: &str) -> Option<Result<NumberedRow, PipelineError>> {
        self.number += 1;
        let number = self.number;
        let row = self.rows.next()?;
        Some(match row {
            Err(error) => Err(unusable(format!("{name}, row {number}: {error}"))),
            Ok(row) => {
                let values = row.into_columns().into_iter().map(|(_, field)| of_field(field)).collect();
                Ok(NumberedRow { number, values })
            }
        })
    }
}

/// What the parquet crate reads from.
fn parquet_bytes(bytes: Vec<u8>) -> bytes::Bytes {
    bytes::Bytes::from(bytes)
}

fn kind_of(field: &Type) -> Kind {
    if !field.is_primitive() {
        return Kind::Text;
    }
    match field.get_physical_type() {
        PhysicalType::BOOLEAN => Kind::Boolean,
        PhysicalType::INT32 | PhysicalType::INT64 => match field.get_basic_info().logical_type_ref() {
            None | Some(LogicalType::Integer(_)) => Kind::Integer,
            // Dates, times and decimals are read as their text.
            Some(_) => Kind::Text,
        },
        PhysicalType::FLOAT | PhysicalType::DOUBLE => Kind::Number,
        _ => Kind::Text,
    }
}

fn of_field(field: Field) -> Value {
    match field {
        Field::Null => Value::Missing,
        Field::Bool(value) => Value::Boolean(value),
        Field::Byte(value) => Value::Integer(value.into()),
        Field::Short(value) => Value::Integer(value.into()),
        Field::Int(value) => Value::Integer(value.into()),
        Field::Long(value) => Value::Integer(value),
        Field::UByte(value) => Value::Integer(value.into()),
        Field::UShort(value) => Value::Integer(value.into()),
        Field::UInt(value) => Value::Integer(value.into()),
        Field::ULong(value) => i64::try_from(value).map_or(Value::Number(value as f64), Value::Integer),
        // Through its decimal text, so that 0.1 stays 0.1.
        Field::Float(value) => Value::Number(value.to_string().parse().unwrap_or(f64::from(value))),
        Field::Double(value) => Value::Number(value),
        Field::Str(text) => Value::Text(text),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => Value::from(text),
            Err(_) => Value::Text(format!("{bytes:?}")),
        },
        Field::ListInternal(list) => {
            let items = list.elements().iter().map(|field| json_of(of_field(field.clone())));
            Value::Text(serde_json::Value::Array(items.collect()).to_string())
        }
        other => Value::Text(other.to_string()),
    }
}

fn json_of(value: Value) -> serde_json::Value {
    match value {
        Value::Missing => serde_json::Value::Null,
        Value::Boolean(value) => value.into(),
        Value::Integer(value) => value.into(),
        Value::Number(value) => value.into(),
        Value::Text(text) => text.into(),
    }
}

/// A Parquet file on its way: rows are collected into groups.
pub(super) struct ParquetOut<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    kinds: Vec<Kind>,
    rows: Vec<Vec<Value>>,
}

/// Rows in a group: enough for compression, few enough to hold in memory, where a design takes about 2 kB.
const GROUP: usize = 1_024;

impl<W: Write + Send> ParquetOut<W> {
    pub(super) fn new(out: W, schema: &Schema) -> io::Result<ParquetOut<W>> {
        let pairs = schema.metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(pairs))
            .set_created_by(format!("{} {}", crate::PROGRAM, env!("CARGO_PKG_VERSION")))
            .build();
        let fields = schema.columns.iter().map(|column| parquet_type(column).map(Arc::new));
        let fields = fields.collect::<Result<_, _>>().map_err(io::Error::other)?;
        let root = Type::group_type_builder("schema").with_fields(fields).build().map_err(io::Error::other)?;
        let writer = SerializedFileWriter::new(out, Arc::new(root), Arc::new(properties)).map_err(io::Error::other)?;
        let kinds = schema.columns.iter().map(|column| column.kind).collect();
        Ok(ParquetOut { writer, kinds, rows: Vec::new() })
    }

    pub(super) fn write(&mut self, row: Vec<Value>) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() == GROUP { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(io::Error::other)?;
        for (index, kind) in self.kinds.iter().enumerate() {
            let cells = self.rows.iter().map(|row| &row[index]);
            let written = match kind {
                Kind::Boolean => write_column::<BoolType, W>(&mut group, cells, |value| match value {
                    Value::Boolean(value) => Some(*value),
                    _ => None,
                }),
                Kind::Integer => write_column::<Int64Type, W>(&mut group, cells, |value| match value {
                    Value::Integer(value) => Some(*value),
                    _ => None,
                }),
                Kind::Number => write_column::<DoubleType, W>(&mut group, cells, Value::as_number),
                Kind::Text => write_column::<ByteArrayType, W>(&mut group, cells, |value| match value {
                    Value::Missing => None,
                    Value::Text(text) => Some(ByteArray::from(text.as_str())),
                    other => Some(ByteArray::from(other.to_string().as_str())),
                }),
            };
            written.map_err(of_parquet)?;
        }
        group.close().map_err(of_parquet)?;
        self.rows.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.end_group()?;
        self.writer.into_inner().map_err(of_parquet)
    }
}

fn write_column<'a, T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: impl Iterator<Item = &'a Value>,
    of: impl Fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        let value = of(cell);
        levels.push(i16::from(value.is_some()));
        values.extend(value);
    }
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the file has fewer columns than the table".to_owned()));
    };
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

fn parquet_type(column: &Column) -> Result<Type, ParquetError> {
    let physical = match column.kind {
        Kind::Boolean => PhysicalType::BOOLEAN,
        Kind::Integer => PhysicalType::INT64,
        Kind::Number => PhysicalType::DOUBLE,
        Kind::Text => PhysicalType::BYTE_ARRAY,
    };
    let builder = Type::primitive_type_builder(&column.name, physical).with_repetition(Repetition::OPTIONAL);
    let logical = (column.kind == Kind::Text).then_some(LogicalType::String);
    builder.with_logical_type(logical).build()
}

/// The cause of a failed write, such as a full disk.
fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}
