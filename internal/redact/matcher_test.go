package redact_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestText_isLinear(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	s := secretsOf(strings.Repeat("0123456789abcdef", 256))
	for _, unit := range []string{"0", "a1", `\u0030`, "%30", `\\`, "&#48;", "&", `\u`, "0123456789abcdef", "ÿ"} {
		text := strings.Repeat(unit, mib/len(unit))
		start := time.Now()
		_ = s.Text(text)
		assert.Less(t, time.Since(start), 20*time.Second, "%q", unit) // quadratic work would take minutes
	}
}
