package voice

import (
	_ "embed"
	"strings"
)

// The list is chosen by lists/make.mjs: number, English, Chinese, pinyin with
// tones and without.
//
//go:embed words.txt
var list string

// Word is one number as it is said in both languages.
type Word struct {
	English string
	Chinese string
	Pinyin  string // with tones, for who does not read Chinese
}

// Words gives the list by number.
func Words() (words [256]Word) {
	for i, line := range strings.Split(strings.TrimSuffix(list, "\n"), "\n") {
		f := strings.Split(line, "\t")
		words[i] = Word{English: f[1], Chinese: f[2], Pinyin: f[3]}
	}
	return words
}
