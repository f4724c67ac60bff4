-- Gives the lease up, so that another host need not wait for its end. KEYS: lease. ARGV: me.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
