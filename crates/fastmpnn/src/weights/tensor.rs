//! Tensors of trained numbers.

use std::borrow::Cow;

/// One tensor of f32 numbers, row major.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its sizes, outermost first.
    pub shape: Vec<usize>,
    numbers: Numbers,
}

#[derive(Clone, Debug)]
enum Numbers {
    Read(Vec<f32>),
    /// Still in the program's bytes: memory that is read once would cost more than decoding them.
    Embedded(Planes),
}

impl Tensor {
    pub(super) fn new(shape: Vec<usize>, values: Vec<f32>) -> Tensor {
        Tensor { shape, numbers: Numbers::Read(values) }
    }

    /// A tensor of the program's own bytes.
    pub(super) fn embedded(shape: Vec<usize>, planes: Planes) -> Tensor {
        Tensor { shape, numbers: Numbers::Embedded(planes) }
    }

    /// Its numbers; those of the embedded checkpoint are decoded at each call.
    pub fn values(&self) -> Cow<'_, [f32]> {
        match &self.numbers {
            Numbers::Read(values) => Cow::Borrowed(values),
            Numbers::Embedded(planes) => Cow::Owned(planes.numbers()),
        }
    }

    /// The number of its numbers.
    pub(super) fn len(&self) -> usize {
        match &self.numbers {
            Numbers::Read(values) => values.len(),
            Numbers::Embedded(planes) => planes.0[0].len(),
        }
    }
}

impl PartialEq for Tensor {
    fn eq(&self, other: &Tensor) -> bool {
        self.shape == other.shape && self.values() == other.values()
    }
}

/// The bytes of f32 numbers, the lowest byte of each first, then the next ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planes([&'static [u8]; 4]);

impl Planes {
    pub(super) fn new(bytes: &'static [u8]) -> Planes {
        let count = bytes.len() / size_of::<f32>();
        Planes(std::array::from_fn(|plane| &bytes[plane * count..][..count]))
    }

    /// The planes of numbers `begin` to `end`.
    pub(super) fn part(&self, begin: usize, end: usize) -> Planes {
        Planes(self.0.map(|plane| &plane[begin..end]))
    }

    fn numbers(&self) -> Vec<f32> {
        let count = self.0[0].len();
        let [first, second, third, fourth] = self.0.map(|plane| &plane[..count]);
        let mut numbers = vec![0.0; count];
        // A loop over indexes compiles to vector instructions, and one over iterators did not.
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = f32::from_le_bytes([first[at], second[at], third[at], fourth[at]]);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_any_length_are_numbers() {
        for count in [0, 1, 15, 16, 53] {
            let numbers: Vec<f32> = (0..count).map(|at| (at as f32 - 7.3) * 1.7e-3).collect();
            let bytes: Vec<u8> = (0..4).flat_map(|byte| numbers.iter().map(move |x| x.to_le_bytes()[byte])).collect();
            let tensor = Tensor::embedded(vec![count], Planes::new(bytes.leak()));
            assert_eq!(tensor.len(), count);
            assert_eq!(tensor, Tensor::new(vec![count], numbers));
        }
    }
}
