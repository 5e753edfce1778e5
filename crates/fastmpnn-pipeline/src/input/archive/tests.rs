use std::fs;
use std::io::{Cursor, Write};

use ::zip::CompressionMethod;
use ::zip::unstable::write::FileOptionsExt;
use ::zip::write::{SimpleFileOptions, ZipWriter};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const FILES: [(&str, &str); 7] = [
    ("./design_1.pdb", "one"),
    ("nested/deep/design_2.cif.gz", "two"),
    ("notes.txt", "nothing"),
    ("nested/design_1.trb", "beside"),
    ("empty.pdb", ""),
    ("../../outside.pdb", "harmless"),
    ("__MACOSX/._design_1.pdb", "not one"),
];

/// The structures among them, and their text.
const STRUCTURES: [(&str, &str); 4] = [
    ("design_1.pdb", "one"),
    ("nested/deep/design_2.cif.gz", "two"),
    ("empty.pdb", ""),
    ("../../outside.pdb", "harmless"),
];

fn tar_of(files: &[(String, Vec<u8>)], format: fn() -> ::tar::Header) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = format();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // The writer itself refuses names that lead out of the archive.
        if name.contains("..") {
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, &bytes[..]).unwrap();
        } else {
            builder.append_data(&mut header, name, &bytes[..]).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(files: &[(String, Vec<u8>)], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("nested/", options).unwrap();
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn files() -> Vec<(String, Vec<u8>)> {
    FILES.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn opened(name: &str, bytes: &[u8]) -> (tempfile::TempDir, Archive) {
    let (folder, path) = written(name, bytes);
    (folder, Archive::open(&path).unwrap())
}

fn refused(name: &str, bytes: &[u8]) -> String {
    let (_folder, path) = written(name, bytes);
    let error = Archive::open(&path).unwrap_err().to_string();
    error.split_once(": ").unwrap().1.to_owned()
}

/// All kinds with the same files.
fn all_kinds() -> Vec<(&'static str, Vec<u8>)> {
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let tar = tar_of(&files(), ::tar::Header::new_gnu);
    vec![
        ("a.tar", tar.clone()),
        ("a.tar.gz", gzipped(&tar)),
        ("a.TGZ", gzipped(&tar_of(&files(), ::tar::Header::new_ustar))),
        ("old.tar", tar_of(&files(), ::tar::Header::new_old)),
        ("a.zip", zip_of(&files(), deflated)),
        ("stored.zip", zip_of(&files(), stored)),
        ("wide.zip", zip_of(&files(), deflated.large_file(true))),
        // A renamed one, and one behind a program that unpacks it.
        ("zip.tar", zip_of(&files(), deflated)),
    ]
}

#[test]
fn members_are_those_that_were_put_in() {
    for (kind, bytes) in all_kinds() {
        let (_folder, archive) = opened(kind, &bytes);
        assert!(Archive::is_one(&archive.path), "{kind}");
        let found: Vec<(&str, String)> = archive
            .structures()
            .map(|index| (archive.name(index), String::from_utf8(archive.read(index).unwrap()).unwrap()))
            .collect();
        let expected: Vec<(&str, String)> = STRUCTURES.iter().map(|&(name, text)| (name, text.to_owned())).collect();
        assert_eq!(found, expected, "{kind}");
        assert_eq!(archive.not_read().unwrap(), "2 other files were not read (1 .trb, 1 .txt)", "{kind}");
        assert_eq!(archive.hidden(), None, "{kind}");
        let beside = archive.find("nested/design_1.trb").unwrap();
        assert_eq!(archive.read(beside).unwrap(), b"beside", "{kind}");
        assert_eq!(archive.find("notes.txt"), None, "{kind}");
    }
    assert!(!Archive::is_one(Path::new("dir.tar/x.pdb")) && !Archive::is_one(Path::new(".tar")));
}

#[test]
fn long_names_are_read_in_every_form() {
    let name = format!("{}/{}.pdb", "folder".repeat(20), "x".repeat(180));
    let file = [(name.clone(), b"text".to_vec())];
    let mut pax = ::tar::Builder::new(Vec::new());
    pax.append_pax_extensions([("comment", &b"=odd= \n1"[..]), ("path", name.as_bytes())]).unwrap();
    let mut header = ::tar::Header::new_ustar();
    header.set_path("short.pdb").unwrap();
    header.set_size(4);
    header.set_cksum();
    pax.append(&header, &b"text"[..]).unwrap();
    for bytes in [tar_of(&file, ::tar::Header::new_gnu), pax.into_inner().unwrap()] {
        let (_folder, archive) = opened("a.tar", &bytes);
        assert_eq!((archive.name(0), archive.read(0).unwrap()), (name.as_str(), b"text".to_vec()));
    }
}

#[test]
fn threads_read_members_in_any_order() {
    let files: Vec<(String, Vec<u8>)> =
        (0..200).map(|number| (format!("m_{number}.pdb"), vec![number as u8; 3000])).collect();
    let tar = tar_of(&files, ::tar::Header::new_gnu);
    for (kind, bytes) in [("a.tar.gz", gzipped(&tar)), ("a.tar", tar)] {
        let (_folder, archive) = opened(kind, &bytes);
        std::thread::scope(|scope| {
            for thread in 0..4_u32 {
                let archive = &archive;
                scope.spawn(move || {
                    for index in (0..200).filter(|index| index % 4 == thread) {
                        assert_eq!(archive.read(index).unwrap(), vec![index as u8; 3000]);
                    }
                });
            }
        });
        // Back to what has passed.
        for index in [199, 0, 100, 99] {
            assert_eq!(archive.read(index).unwrap(), vec![index as u8; 3000], "{kind}");
        }
    }
}

#[test]
fn what_is_damaged_is_a_failure_of_its_own() {
    let whole = tar_of(&files(), ::tar::Header::new_gnu);
    // Cut within the bytes of the second file, and within a header.
    for (kind, bytes) in [("a.tar", whole[..512 * 3 + 1].to_vec()), ("a.tar.gz", gzipped(&whole[..512 * 2 + 100]))] {
        let (_folder, archive) = opened(kind, &bytes);
        assert_eq!(archive.structures().collect::<Vec<_>>(), [0], "{kind}");
        assert_eq!(archive.read(0).unwrap(), b"one");
        let error = archive.read(archive.hidden().unwrap()).unwrap_err().to_string();
        assert!(error.ends_with("the archive is cut short; what stands before that is read"), "{error}");
    }
    let packed = gzipped(&whole);
    let (_folder, path) = written("a.tar.gz", &packed[..packed.len() / 2]);
    let damage = match Archive::open(&path) {
        Ok(archive) => archive.read(archive.hidden().unwrap()).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    assert!(damage.contains("the archive is cut short"), "{damage}");
    let mut damaged = whole.clone();
    damaged[1024 + 10] ^= 1;
    let (_folder, archive) = opened("a.tar", &damaged);
    let error = archive.read(archive.hidden().unwrap()).unwrap_err().to_string();
    assert!(error.contains("the archive is damaged (byte 1024)"), "{error}");

    let zip = zip_of(&files(), SimpleFileOptions::default());
    assert!(refused("a.zip", &zip[..zip.len() - 30]).contains("is cut short"));
    // The bytes of the first file, which fit their checksum no more.
    let place = zip.windows(3).position(|bytes| bytes == b"one").unwrap_or(0);
    let mut damaged = zip_of(&files(), SimpleFileOptions::default().compression_method(CompressionMethod::Stored));
    let at = damaged.windows(3).position(|bytes| bytes == b"one").unwrap_or(place);
    damaged[at] = b'x';
    let (_folder, archive) = opened("a.zip", &damaged);
    let error = archive.read(0).unwrap_err().to_string();
    assert!(error.contains("a.zip:design_1.pdb: cannot be read: its bytes are damaged"), "{error}");
    assert_eq!(archive.read(1).unwrap(), b"two");
}

#[test]
fn what_is_no_archive_or_holds_none_is_refused() {
    assert_eq!(refused("a.tar", b""), "it is no tar archive");
    assert_eq!(refused("a.tar", &[b'x'; 2000]), "it is no tar archive (byte 0)");
    assert_eq!(refused("a.tar.gz", &gzipped(b"text")), "it is no tar archive");
    let text = [("notes.txt".to_owned(), b"x".to_vec())];
    let zip = zip_of(&text, SimpleFileOptions::default());
    assert_eq!(refused("a.zip", &zip), "the archive holds no structures; 1 other file was not read (1 .txt)");
    assert_eq!(refused("a.tar", &[0; 1024]), "the archive holds no structures");
}

#[test]
fn encrypted_members_and_bombs_are_refused() {
    let file = [("a.pdb".to_owned(), b"text".to_vec())];
    let old = SimpleFileOptions::default().with_deprecated_encryption(b"secret").unwrap();
    let (_folder, archive) = opened("a.zip", &zip_of(&file, old));
    let error = archive.read(0).unwrap_err().to_string();
    assert!(error.ends_with("a.zip:a.pdb: is encrypted, and no password is known"), "{error}");

    // A member that unpacks to more than its directory says.
    let zeros = [("a.pdb".to_owned(), vec![0; 1 << 20])];
    let mut bomb = zip_of(&zeros, SimpleFileOptions::default());
    let size = (1_u32 << 20).to_le_bytes();
    while let Some(at) = bomb.windows(4).position(|bytes| bytes == size) {
        bomb[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let (_folder, archive) = opened("a.zip", &bomb);
    let error = archive.read(0).unwrap_err().to_string();
    assert!(error.contains("its bytes are damaged"), "{error}");

    // One that says it has 2 GiB.
    let mut header = ::tar::Header::new_gnu();
    header.set_path("b.pdb").unwrap();
    header.set_size(2 << 30);
    header.set_cksum();
    let mut tar = tar_of(&file, ::tar::Header::new_gnu);
    tar.truncate(1024);
    tar.extend_from_slice(header.as_bytes());
    let (_folder, archive) = opened("a.tar", &tar);
    assert!(archive.hidden().is_some());
    let mut large = archive;
    large.members[0].size = 2 << 30;
    let error = large.read(0).unwrap_err().to_string();
    assert!(error.ends_with("has more than 1 GiB"), "{error}");
}

#[test]
fn of_members_of_one_name_the_last_counts() {
    let twice = [("a.pdb", "old"), ("b.pdb", "b"), ("a.pdb", "new")].map(|(name, text)| (name.to_owned(), text.into()));
    let (_folder, archive) = opened("a.tar", &tar_of(&twice, ::tar::Header::new_gnu));
    let found: Vec<Vec<u8>> = archive.structures().map(|index| archive.read(index).unwrap()).collect();
    assert_eq!(found, [b"b".to_vec(), b"new".to_vec()]);
    let (_folder, archive) = opened("a.tgz", &gzipped(&tar_of(&twice, ::tar::Header::new_gnu)));
    assert_eq!(archive.structures().map(|index| archive.read(index).unwrap()).collect::<Vec<_>>(), found);
}
