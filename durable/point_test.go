package durable_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

func TestPoint_isText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 3, 35, 5, 0, time.FixedZone("", 3600))
	for text, point := range map[string]durable.Point{
		"newest snapshot": durable.NewestSnapshot(),
		"newest snapshot before 2026-08-10T02:35:05Z": durable.NewestBefore(at),
		"snapshot a": durable.FixedPoint(restorejobs.FromSnapshot("a")),
		"no point":   {},
	} {
		assert.Equal(t, text, point.String())
	}
}
