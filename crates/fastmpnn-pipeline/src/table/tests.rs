use super::*;

fn schema() -> Schema {
    let columns = vec![
        Column::new("name", Kind::Text),
        Column::new("sample", Kind::Integer),
        Column::new("score", Kind::Number),
        Column::new("kept", Kind::Boolean),
    ];
    Schema { columns, metadata: BTreeMap::from([("request".to_owned(), "{\"num_seqs\":2}".to_owned())]) }
}

fn rows() -> Vec<Vec<Value>> {
    vec![
        vec!["a, \"b\"\nc".into(), Value::Integer(1), Value::Number(0.5), Value::Boolean(true)],
        vec![Value::Missing, Value::Missing, Value::Missing, Value::Missing],
        vec!["é".into(), Value::Integer(-3), Value::Number(1.0), Value::Boolean(false)],
    ]
}

fn written(format: TableFormat) -> Vec<u8> {
    let mut writer = TableWriter::new(Vec::new(), format, schema()).unwrap();
    for row in rows() {
        writer.write(row).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    for format in TableFormat::ALL {
        let bytes = written(format);
        let again = written(format);
        assert_eq!(bytes, again, "{format}: the same rows are the same bytes");
        let reader = TableReader::of_bytes("t", bytes, None).unwrap();
        let found = reader.schema().clone();
        let kinds = |schema: &Schema| schema.columns.iter().map(|column| column.kind).collect::<Vec<_>>();
        let names = |schema: &Schema| schema.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&found).len(), 4, "{format}");
        let order: Vec<usize> = schema().columns.iter().map(|column| found.index_of(&column.name).unwrap()).collect();
        let typed = |row: Vec<Value>| -> Vec<Value> {
            let values = order.iter().map(|&place| row[place].clone());
            values.zip(schema().columns).map(|(value, column)| value.into_kind(column.kind).unwrap()).collect()
        };
        let read: Vec<Vec<Value>> = reader.map(|row| typed(row.unwrap().values)).collect();
        assert_eq!(read, rows(), "{format}");
        match format {
            TableFormat::Csv => assert_eq!(kinds(&found), [Kind::Text; 4]),
            TableFormat::Parquet => assert_eq!(found, schema()),
            TableFormat::Jsonl => assert_eq!(found.columns[found.index_of("score").unwrap()].kind, Kind::Number),
        }
    }
}

#[test]
fn rows_of_text_formats_have_the_numbers_of_their_lines() {
    let numbers = |text: &str| -> Vec<u64> {
        TableReader::of_bytes("t", text.into(), None).unwrap().map(|row| row.unwrap().number).collect()
    };
    assert_eq!(numbers("\u{feff}a,b\r\n1,\"x\r\ny\"\r\n2,z\r\n"), [2, 4]);
    assert_eq!(numbers("{\"a\":1}\n\n{\"b\":[1,2]}\n"), [1, 3]);
}

#[test]
fn faulty_tables_are_refused_by_line() {
    let error = |text: &[u8]| -> String {
        match TableReader::of_bytes("t.csv", text.to_vec(), None) {
            Err(error) => error.to_string(),
            Ok(mut reader) => reader.find_map(Result::err).unwrap().to_string(),
        }
    };
    assert_eq!(error(b""), "t.csv: the table is empty; its first line names the columns");
    assert_eq!(error(b"a,b\n1\n"), "t.csv, line 2: the row has 1 cell, and there are 2 columns");
    assert_eq!(error(b"a,b,a\n"), "t.csv, line 1: the column a is there twice");
    assert_eq!(error(b"a\n\xff\n"), "t.csv, line 2: not UTF-8 text");
    assert_eq!(error(b"{\"a\":1}\n{a}\n"), "t.csv, line 2: not a JSON object: key must be a string");
    assert!(error(b"PAR1").starts_with("t.csv: "), "{}", error(b"PAR1"));
}

#[test]
fn lists_and_mixtures_are_text() {
    let text = "{\"fix\":[\"A1\",\"B2\"],\"seed\":1}\n{\"fix\":\"A3\",\"seed\":2.5}\n{\"seed\":true}\n";
    let reader = TableReader::of_bytes("t", text.into(), None).unwrap();
    assert_eq!(reader.schema().columns, [Column::new("fix", Kind::Text), Column::new("seed", Kind::Text)]);
    let rows: Vec<Vec<Value>> = reader.map(|row| row.unwrap().values).collect();
    assert_eq!(rows[0], [Value::from("[\"A1\",\"B2\"]"), Value::Integer(1)]);
    assert_eq!(rows[2], [Value::Missing, Value::Boolean(true)]);
}

#[test]
fn formats_are_known_by_their_endings() {
    let of = |path: &str| TableFormat::of_path(Path::new(path));
    assert_eq!(of("a/b.Parquet"), Some(TableFormat::Parquet));
    assert_eq!(
        (of("b.ndjson"), of("b.jsonl"), of("b.csv")),
        (Some(TableFormat::Jsonl), Some(TableFormat::Jsonl), Some(TableFormat::Csv))
    );
    assert_eq!(of("b.txt"), None);
    assert_eq!("csv".parse(), Ok(TableFormat::Csv));
}
