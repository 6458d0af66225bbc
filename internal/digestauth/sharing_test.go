package digestauth

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPool_sharing has the orders in which the responses of three requests with one nonce can arrive.
func TestPool_sharing(t *testing.T) {
	t.Parallel()
	type outcome func(*pool, nonceUse)
	ok := outcome((*pool).accept)
	refused := outcome(func(p *pool, use nonceUse) { p.refuse(use, true) })
	ordered := outcome(func(p *pool, use nonceUse) { p.refuse(use, false) })
	failed := outcome((*pool).retire)
	for name, test := range map[string]struct {
		outcomes      [3]outcome
		order         [3]int
		isIdle        bool // the nonce is used again
		isPaused      bool // for a second
		isSharingOver bool
	}{
		"in order":                        {[3]outcome{ok, ok, ok}, [3]int{0, 1, 2}, true, false, false},
		"in any order":                    {[3]outcome{ok, ok, ok}, [3]int{2, 0, 1}, true, false, false},
		"the nonce has expired":           {[3]outcome{ok, refused, refused}, [3]int{0, 1, 2}, false, false, false},
		"without stale":                   {[3]outcome{ok, ordered, ordered}, [3]int{0, 1, 2}, false, false, true},
		"expired, or only in order":       {[3]outcome{ok, refused, refused}, [3]int{2, 1, 0}, false, true, false},
		"the same, without stale":         {[3]outcome{ok, ordered, ordered}, [3]int{2, 1, 0}, false, false, true},
		"a lower count after a higher":    {[3]outcome{ordered, ok, ok}, [3]int{1, 2, 0}, true, false, true},
		"the same, the refusal first":     {[3]outcome{ordered, ok, ok}, [3]int{0, 1, 2}, true, false, true},
		"the last use of many":            {[3]outcome{ok, refused, ok}, [3]int{0, 2, 1}, true, true, false},
		"refused between accepted counts": {[3]outcome{ok, ordered, ok}, [3]int{0, 1, 2}, true, false, true},
		"one has no response":             {[3]outcome{ok, failed, ok}, [3]int{1, 0, 2}, false, false, false},
		"refused, and no response":        {[3]outcome{refused, failed, ok}, [3]int{0, 1, 2}, false, true, false},
		"all are refused":                 {[3]outcome{refused, refused, refused}, [3]int{1, 0, 2}, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p pool
			n := testNonce()
			p.pushIdle(n)
			var uses [3]nonceUse
			for i := range uses {
				uses[i] = p.beginAny()
				assert.Same(t, n, uses[i].nonce)
				assert.Equal(t, i+1, uses[i].count)
			}
			for _, i := range test.order {
				assert.True(t, p.isShared(uses[i]))
				test.outcomes[i](&p, uses[i])
			}
			assert.Equal(t, test.isSharingOver, p.isSharingOver)
			assert.Equal(t, test.isPaused || test.isSharingOver, !p.canShare())
			assert.Nil(t, p.shared)
			next := p.beginAny()
			assert.Equal(t, test.isIdle, next.isSigned())
			if test.isIdle {
				assert.Same(t, n, next.nonce)
				assert.Equal(t, 4, next.count)
				assert.Equal(t, test.isPaused || test.isSharingOver, !p.beginAny().isSigned())
			}
		})
	}
}
