package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestSetHeader_addsToTheResponse(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		c.server.InjectFault(rjt.SetHeader("Sunset", "Thu, 1 Jul 2027 00:00:00 GMT"), 1)
		first := c.do(http.MethodGet, jobs(flexScope), "")
		assert.Equal(t, http.StatusOK, first.status)
		assert.Equal(t, "Thu, 1 Jul 2027 00:00:00 GMT", first.header.Get("Sunset"))
		assert.NotEmpty(t, first.doc["results"])
		assert.Empty(t, c.do(http.MethodGet, jobs(flexScope), "").header.Get("Sunset"))
	})
}
