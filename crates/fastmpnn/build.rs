//! Rearranges the embedded checkpoint: the first bytes of all its numbers, then their second bytes, and so on. Archives
//! find little to save in numbers, except in their exponents when these lie together: wheels get half a megabyte smaller.

use std::path::Path;
use std::{env, fs};

fn main() {
    let source = "weights/v_48_020.safetensors";
    println!("cargo::rerun-if-changed={source}");
    let bytes = fs::read(source).expect("the embedded checkpoint");
    // A safetensors file: the length of its header in eight bytes, the header, the numbers.
    let (length, _) = bytes.split_first_chunk().expect("the length of the header");
    let (header, numbers) = bytes.split_at(length.len() + u64::from_le_bytes(*length) as usize);
    let (words, rest) = numbers.as_chunks::<4>();
    assert!(rest.is_empty(), "numbers of four bytes");
    let mut planes = header.to_vec();
    (0..4).for_each(|byte| planes.extend(words.iter().map(|word| word[byte])));
    let folder = env::var_os("OUT_DIR").expect("Cargo's folder for generated files");
    fs::write(Path::new(&folder).join("embedded_checkpoint"), planes).expect("the rearranged checkpoint");
}
