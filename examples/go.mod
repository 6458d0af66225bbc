module example.com/restorejobs/examples

go 1.25.0

require example.com/restorejobs v0.0.0

replace example.com/restorejobs => ../
