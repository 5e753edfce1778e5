//! Which container a file is, and safetensors.

use std::fs;

use fastmpnn::error::WeightsError;
use fastmpnn::weights::{Checkpoint, Family};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize};

use super::golden;

fn message(bytes: &[u8]) -> String {
    Checkpoint::from_bytes("file", bytes).expect_err("no checkpoint").to_string()
}

/// A container of one tensor.
fn one(kind: Dtype, shape: &[usize], data: &[u8]) -> Vec<u8> {
    serialize([("tensor", TensorView::new(kind, shape.to_vec(), data).unwrap())], None).unwrap()
}

#[test]
fn safetensors_of_every_float() {
    let f32s: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let f64s: Vec<u8> = [1.5_f64, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let cases: [(Dtype, &[u8]); 4] = [
        (Dtype::F32, &f32s),
        (Dtype::F64, &f64s),
        (Dtype::F16, &[0x00, 0x3e, 0x00, 0xc0]),
        (Dtype::BF16, &[0xc0, 0x3f, 0x00, 0xc0]),
    ];
    for (kind, data) in cases {
        let checkpoint = Checkpoint::from_bytes("file", &one(kind, &[2], data)).unwrap();
        assert_eq!(checkpoint.values("tensor", &[2]).unwrap()[..], [1.5, -2.0], "{kind:?}");
    }
    let error = message(&one(Dtype::I64, &[1], &[0; 8]));
    assert!(error.ends_with("it holds no tensors of floating-point numbers"), "{error}");
}

#[test]
fn numbers_must_be_finite() {
    let error = message(&one(Dtype::F16, &[2], &[0, 0, 0, 0x7c]));
    assert_eq!(error, "file: not a checkpoint, or a damaged one: tensor tensor contains inf");
    let large: Vec<u8> = 1e300_f64.to_le_bytes().into();
    assert!(message(&one(Dtype::F64, &[1], &large)).ends_with("tensor tensor contains inf"));
}

#[test]
fn what_is_no_checkpoint_is_named() {
    for (bytes, expected) in [
        (&b""[..], "it is empty"),
        (b"\n<!DOCTYPE html><html>404</html>", "it is a web page or XML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "it is a pointer of Git LFS"),
        (b"\x1f\x8b\x08", "it is gzipped"),
        (b"ATOM      1  N   MET A   1", "it is neither what torch.save writes nor safetensors"),
    ] {
        let error = message(bytes);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_content_decides_not_the_ending() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tuned.safetensors");
    fs::write(&path, golden("training.pt")).unwrap();
    let checkpoint = Checkpoint::open(&path).unwrap();
    assert_eq!(checkpoint.name(), "tuned");
    assert_eq!(checkpoint.tensor_names(), ["bias", "weight"]);

    let absent = folder.path().join("absent.pt");
    let error = Checkpoint::open(&absent).unwrap_err();
    assert!(matches!(&error, WeightsError::Unreadable { name, .. } if name.ends_with("absent.pt")), "{error}");
    let error = Checkpoint::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "{error}");
}

#[test]
fn metadata_must_agree_with_the_tensors() {
    let embedded = Checkpoint::embedded().unwrap();
    assert_eq!(embedded.family().unwrap(), Family::Protein);
    assert_eq!((embedded.neighbors().unwrap(), embedded.noise()), (48, Some(0.2)));

    let numbers = [0_u8; 416 * 4];
    let matrix =
        |shape: [usize; 2]| TensorView::new(Dtype::F32, shape.into(), &numbers[..4 * shape[0] * shape[1]]).unwrap();
    let tensors = [
        ("features.edge_embedding.weight", matrix([1, 416])),
        ("features.embeddings.linear.weight", matrix([16, 2])),
        ("encoder_layers.0.W1.weight", matrix([1, 1])),
    ];
    let with = |metadata: &[(&str, &str)]| {
        let metadata = metadata.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        Checkpoint::from_bytes("file", &serialize(tensors.clone(), Some(metadata)).unwrap()).unwrap()
    };
    let silent = with(&[]);
    assert_eq!((silent.family().unwrap(), silent.neighbors().unwrap()), (Family::Protein, 48));
    assert_eq!(with(&[("neighbours", "32"), ("name", "tuned")]).neighbors().unwrap(), 32);
    let error = with(&[("family", "ligand")]).family().unwrap_err().to_string();
    assert!(error.ends_with("its metadata name the family ligand, but its tensors are those of protein"), "{error}");
    for count in ["0", "-1", "1e9", "99999999999999999999"] {
        let error = with(&[("neighbours", count)]).neighbors().unwrap_err().to_string();
        assert!(error.contains("not a number from 1 to 4096"), "{error}");
    }
}
