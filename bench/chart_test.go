package main

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"
)

// svgText is a label of a drawing.
type svgText struct {
	X      float64 `xml:"x,attr"`
	Anchor string  `xml:"text-anchor,attr"`
	Label  string  `xml:",chardata"`
}

// left and right estimate the ends of a label.
func (s *svgText) ends() (left, right float64) {
	width := float64(utf8.RuneCountInString(s.Label)) * glyphWidth
	switch s.Anchor {
	case "end":
		return s.X - width, s.X
	case "middle":
		return s.X - width/2, s.X + width/2
	default:
		return s.X, s.X + width
	}
}

// The labels of the committed measurements are inside the pictures, even in a wide font.
func TestCharts_labelsInside(t *testing.T) {
	t.Parallel()
	_, runs, err := readRuns("results")
	if err != nil || len(runs) == 0 {
		t.Fatal(len(runs), err)
	}
	for _, r := range runs {
		for _, one := range r.results() {
			one.quick = true // so that every row is drawn
		}
		for name, drawn := range map[string]string{"ratios": ratioChart(r), "growth": growthChart(r)} {
			var picture struct {
				Width float64   `xml:"width,attr"`
				Texts []svgText `xml:"text"`
			}
			if err := xml.NewDecoder(strings.NewReader(drawn)).Decode(&picture); err != nil {
				t.Fatal(err)
			}
			if len(picture.Texts) == 0 {
				t.Errorf("%s has no labels", name)
			}
			for i := range picture.Texts {
				const margin = 4
				text := &picture.Texts[i]
				if left, right := text.ends(); left < margin || right > picture.Width-margin {
					t.Errorf("%s: %q is from %.0f to %.0f of %.0f", name, text.Label, left, right, picture.Width)
				}
			}
		}
	}
}
