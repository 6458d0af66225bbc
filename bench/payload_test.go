package main

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
)

// A page has its announced length and valid JSON, and every id is unique and has its number.
func TestPages_lengthAndIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 70_000 {
		id := jobID(i)
		seen[id] = true
		if jobNumber(id) != i {
			t.Fatalf("%s has number %d, not %d", id, jobNumber(id), i)
		}
	}
	if len(seen) != 70_000 {
		t.Errorf("%d ids", len(seen))
	}
	if jobNumber("x") != 0 {
		t.Error("an unknown id has a number")
	}
	for g := range generation(len(templates)) {
		for _, size := range sizes {
			p := newPage(g, size, 2, 30, 70)
			if body := p.bytes(); int64(len(body)) != p.length || bytes.Contains(body, []byte(blank)) || !json.Valid(body) {
				t.Errorf("%d bytes of %d: %s", len(body), p.length, body)
			}
		}
	}
}

// The bodies have the sizes that the titles state.
func TestBodySize_average(t *testing.T) {
	t.Parallel()
	for _, g := range both {
		for _, c := range []struct {
			size            bodySize
			want, tolerance float64
		}{
			{small, 0.3 * 1024, 0.15}, {middle, 1024, 0.03}, {large, 4096, 0.03}, {mixed, 1.2 * 1024, 0.03},
		} {
			if got := c.size.average(g); math.Abs(got-c.want) > c.tolerance*c.want {
				t.Errorf("%s, %s: %.0f bytes", g, c.size, got)
			}
		}
	}
}

// The decoder of the yardstick reads the same as encoding/json.
func TestHand_decodesAllFields(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		for i := range shapes {
			body := appendJob(nil, classic, size, i)
			var want plainClassic
			if err := json.Unmarshal(body, &want); err != nil {
				t.Fatal(err)
			}
			var got handRestore
			s := handScan{text: string(body)}
			s.job(classic, &got)
			if s.err != nil || got.id != want.ID || !got.created.Equal(want.Created) || len(got.hashes) != len(want.Hashes) ||
				len(got.links) != len(want.Links) || got.url != want.Delivery.URL || got.increment != want.Timestamp.Increment {
				t.Errorf("%s: %+v %v", body, got, s.err)
			}
			body = appendJob(nil, atlasV2, size, i)
			var wantCloud plainCloud
			if err := json.Unmarshal(body, &wantCloud); err != nil {
				t.Fatal(err)
			}
			got = handRestore{}
			s = handScan{text: string(body)}
			s.job(atlasV2, &got)
			if s.err != nil || got.id != wantCloud.ID || len(got.urls) != len(wantCloud.DeliveryURL) ||
				len(got.components) != len(wantCloud.Components) || !got.timestamp.Equal(wantCloud.Timestamp) {
				t.Errorf("%s: %+v %v", body, got, s.err)
			}
		}
	}
	for _, text := range []string{"", "{", `{"id"}`, `{"id":"a`, `{"created":"x"}`, `[]`} {
		s := handScan{text: text}
		s.job(classic, new(handRestore))
		if s.err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	s := handScan{text: `{"id":"a\"b","other":{"x":[1,"]",null]},"pointInTime":true}`}
	var got handRestore
	s.job(classic, &got)
	if s.err != nil || got.id != `a"b` || !got.pointInTime {
		t.Error(got, s.err)
	}
}
