//! Files of several models, in words.

/// `model 2 of 20`, or `the model numbered 30, of 20 models` where the number is greater than the count.
pub fn model_of_several(number: i32, count: usize) -> String {
    match usize::try_from(number) {
        Ok(place @ 1..) if place <= count => format!("model {number} of {count}"),
        _ if count == 1 => format!("the model numbered {number}, the only one"),
        _ => format!("the model numbered {number}, of {count} models"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_count_are_no_places() {
        assert_eq!(model_of_several(2, 20), "model 2 of 20");
        assert_eq!(model_of_several(10, 3), "the model numbered 10, of 3 models");
        assert_eq!(model_of_several(0, 3), "the model numbered 0, of 3 models");
    }
}
