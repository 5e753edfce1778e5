//! The published checkpoints, if they are on this machine.

use std::collections::{HashMap, HashSet};

use fastmpnn::error::WeightsError;
use fastmpnn::weights::{CATALOGUE, Checkpoint, ModelKind, PublishedCheckpoint};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::golden;
use crate::published_checkpoint::published;

/// The contents of a published file as PyTorch read it: `published.json`.
#[derive(Deserialize)]
struct Expected {
    tensors: usize,
    numbers: usize,
    /// Of name, shape and numbers of every tensor, by name.
    sha256: String,
}

fn expected() -> HashMap<String, Expected> {
    serde_json::from_slice(&golden("published.json")).unwrap()
}

/// The bytes that the reference script hashes: for each tensor by name, `NAME SIZE SIZE …\n` and the numbers,
/// little-endian f32.
fn digest(checkpoint: &Checkpoint) -> (usize, String) {
    let (mut hasher, mut numbers) = (Sha256::new(), 0);
    for name in checkpoint.tensor_names() {
        let tensor = checkpoint.tensor(name).unwrap();
        let shape: String = tensor.shape.iter().map(|size| format!(" {size}")).collect();
        hasher.update(format!("{name}{shape}\n"));
        let bytes: Vec<u8> = tensor.values().iter().flat_map(|value| value.to_le_bytes()).collect();
        hasher.update(bytes);
        numbers += tensor.values().len();
    }
    (numbers, hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn tensors_and_numbers_as_pytorch_reads_them() {
    let expected = expected();
    for known in &CATALOGUE {
        let Some(checkpoint) = published(known.name) else { continue };
        let expected = &expected[known.name];
        assert_eq!(checkpoint.tensor_names().len(), expected.tensors, "{}", known.name);
        assert_eq!(digest(&checkpoint), (expected.numbers, expected.sha256.clone()), "{}", known.name);
        assert_eq!(checkpoint.family().unwrap(), known.model.family(), "{}", known.name);
        assert_eq!(checkpoint.neighbors().unwrap(), known.neighbors, "{}", known.name);
        assert_eq!(checkpoint.noise(), Some(known.noise()), "{}", known.name);
        assert_eq!(checkpoint.context_atoms().unwrap().unwrap_or(0), known.context_atoms, "{}", known.name);
        if !known.is_embedded() {
            assert_eq!((checkpoint.name(), checkpoint.sha256()), (known.name, known.sha256));
        }
    }
}

#[test]
fn the_embedded_one_is_the_published_one() {
    let checkpoint = Checkpoint::find("v_48_020").unwrap();
    let known = PublishedCheckpoint::named("v_48_020").unwrap();
    assert_eq!((known.name, known.is_embedded()), ("proteinmpnn_v_48_020", true));
    assert_eq!(checkpoint.metadata("source_sha256"), Some(known.sha256));
    assert_eq!(digest(&checkpoint).1, expected()[known.name].sha256);
}

#[test]
fn the_catalogue_is_consistent() {
    let distinct =
        |field: fn(&PublishedCheckpoint) -> String| CATALOGUE.iter().map(field).collect::<HashSet<_>>().len();
    assert_eq!(distinct(|known| known.name.to_owned()), 18);
    assert_eq!(distinct(|known| known.sha256.to_owned()), 18);
    assert_eq!(distinct(PublishedCheckpoint::address), 18);
    for known in &CATALOGUE {
        assert!(
            known.sha256.len() == 64 && known.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{}",
            known.name
        );
        assert_eq!(PublishedCheckpoint::named(known.name), Some(known));
        assert_eq!(PublishedCheckpoint::with_sha256(known.sha256), Some(known));
        assert_eq!(PublishedCheckpoint::chosen(known.model, known.noise_hundredths), Some(known));
        // The names tell K and noise: `…_v_K_NNN`.
        let version = known.name.split("_v_").nth(1).unwrap();
        assert!(version.starts_with(&format!("{}_{:03}", known.neighbors, known.noise_hundredths)), "{}", known.name);
    }
    for kind in ModelKind::ALL {
        assert!(PublishedCheckpoint::chosen(kind, kind.default_noise()).is_some(), "{kind}");
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    let address = PublishedCheckpoint::named("ca_proteinmpnn_v_48_010").unwrap().address();
    assert!(address.ends_with("/ca_model_weights/v_48_010.pt"), "{address}");
}

#[test]
fn an_unknown_name_is_an_error() {
    let error = Checkpoint::find("proteinmpnn_v_48_099").unwrap_err();
    assert!(matches!(error, WeightsError::Unknown { .. }), "{error}");
    assert!("proteins".parse::<ModelKind>().unwrap_err().contains("membrane-residue"));
}
