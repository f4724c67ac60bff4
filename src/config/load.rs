//! Embedded defaults < file < environment < flags; where each value came from.
