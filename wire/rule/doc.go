// Package rule implements spec/faults.md: the longer part of the one list of
// reason codes. The shorter part, which the auditor's program can give, stands
// in wire/fault beside the error that carries them: that program must be short
// enough to read, and has no use for the rest.
package rule
