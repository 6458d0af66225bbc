package jsondec

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestIndexSpecial_everyPosition: each special byte is found at each position of two words and a rest,
// after each byte that a difference can carry from.
func TestIndexSpecial_everyPosition(t *testing.T) {
	t.Parallel()
	const length = 37
	isSpecial := func(c byte) bool { return c < ' ' || c == '"' || c == '\\' || c >= 0x80 }
	for filler := range 256 {
		if isSpecial(byte(filler)) {
			continue
		}
		text := bytes.Repeat([]byte{byte(filler)}, length)
		assert.Equal(t, length, indexSpecial(text, 0))
		for at := range length {
			for c := range 256 {
				text[at] = byte(c)
				want := length
				if isSpecial(byte(c)) {
					want = at
				}
				if got := indexSpecial(text, at%5); got != want && at >= at%5 {
					t.Fatalf("%q from %d: %d", text, at%5, got)
				}
			}
			text[at] = byte(filler)
		}
	}
	assert.Equal(t, 3, indexSpecial([]byte("abc"), 3))
	assert.Equal(t, 4, indexSpecial([]byte("abc"), 4))
}
