// Package wording implements docs/desk.md: what a request or a call holds, as
// commands and pages word it alike: what codes are called in a person's
// language, what acts are called, which side is whose, and what is owed first.
package wording
